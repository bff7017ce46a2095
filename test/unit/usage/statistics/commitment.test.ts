/** What a capacity is worth, by hand and by trying every size. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  breakEvenPct,
  cheapestSize,
  totalUsd,
  utilisation,
} from "../../../../src/usage/statistics/commitment.ts";

const commitment = { tokensPerHour: 100, hourlyPriceUsd: 2 };

describe("a commitment", () => {
  it("says nothing of no hours", () => {
    expect(utilisation([], commitment)).toBeNull();
  });

  it("idles where hours use less, and overflows where they use more", () => {
    // Served: 0 + 50 + 100 + 100 of 400; paid 8.
    expect(utilisation([0, 50, 100, 160], commitment)).toEqual({
      hours: 4,
      tokens: 310,
      overflowTokens: 60,
      utilisationPct: 62.5,
      committedUsd: 8,
      idleUsd: 3,
    });
  });

  it("breaks even where the tokens served would have cost its price", () => {
    expect(breakEvenPct(commitment, 0.04)).toBe(50);
    expect(breakEvenPct(commitment, 0.01)).toBe(200);
    expect(breakEvenPct(commitment, 0)).toBeNull();
    expect(totalUsd([50, 50], commitment, 0.04)).toBe(4);
    expect(totalUsd([160, 0], commitment, 0.04)).toBe(4 + 60 * 0.04);
  });

  it("has the size that is worth its price in enough hours", () => {
    // A token of capacity costs 0.02 an hour: at 0.04 it pays where it is used half of the time.
    expect(cheapestSize([10, 20, 80, 90], commitment, 0.04)).toEqual({
      tokensPerHour: 20,
      totalUsd: expect.closeTo(20 * 4 * 0.02 + (60 + 70) * 0.04, 12),
    });
    expect(cheapestSize([10, 20], commitment, 0.02)).toEqual({ tokensPerHour: 0, totalUsd: 0.6 });
  });

  it("has a size that no other beats", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(200), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 200 }),
        (tokens, cents, other) => {
          const usdPerToken = cents / 1_000;
          const best = cheapestSize(tokens, commitment, usdPerToken);
          const sized = (tokensPerHour: number) => ({
            tokensPerHour,
            hourlyPriceUsd: 0.02 * tokensPerHour,
          });
          expect(totalUsd(tokens, sized(best.tokensPerHour), usdPerToken)).toBeCloseTo(
            best.totalUsd,
            6,
          );
          expect(totalUsd(tokens, sized(other), usdPerToken)).toBeGreaterThanOrEqual(
            best.totalUsd - 1e-9,
          );
        },
      ),
    );
  });

  it("idles and overflows the same in every order of hours", () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.nat(300), { minLength: 1, maxLength: 30 })
          .chain((hours) =>
            fc.tuple(fc.constant(hours), fc.shuffledSubarray(hours, { minLength: hours.length })),
          ),
        ([hours, shuffled]) => {
          expect(utilisation(shuffled, commitment)).toEqual(utilisation(hours, commitment));
        },
      ),
    );
  });
});
