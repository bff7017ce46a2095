/** The laws of a cost breakdown: parts make the whole, and effects make the change. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakDown, foldGroups } from "../../../src/usage/breakdown.ts";
import { type CostChange, costChange } from "../../../src/usage/change.ts";
import type { UsageGroup } from "../../../src/usage/store.ts";
import { NO_USAGE, sumUsage, type UsageSums } from "../../../src/usage/sums.ts";

/** @returns the sums of a group whose requests are all priced. */
function priced(requests: number, tokens: number, cost: number): UsageSums {
  return {
    ...NO_USAGE,
    records: requests,
    requests,
    input_tokens: tokens,
    cost_usd: cost,
    priced_records: requests,
    priced_requests: requests,
    priced_tokens: tokens,
  };
}

const sums = fc
  .tuple(fc.nat(500), fc.nat(1_000_000), fc.nat(1_000_000_000))
  .map(([requests, tokens, microdollars]) =>
    requests === 0 ? NO_USAGE : priced(requests, tokens, tokens === 0 ? 0 : microdollars / 1e6),
  );
const groups = fc
  .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), sums), {
    selector: ([name]) => name,
  })
  .map((entries) => entries.map(([name, of]): UsageGroup => ({ key: [name], sums: of })));

const NONE = Number.NaN;
const effectsOf = (change: CostChange) =>
  (change.volume_effect_usd ?? NONE) +
  (change.tokens_effect_usd ?? NONE) +
  (change.price_effect_usd ?? NONE);

const cost = (list: readonly UsageGroup[]) =>
  list.reduce((sum, { sums: of }) => sum + of.cost_usd, 0);

describe("a change of cost", () => {
  it("has no effects where nobody knows how many requests there were on either side", () => {
    const counted = priced(5, 100, 2);
    const uncounted = {
      ...priced(5, 100, 3),
      requests: 0,
      priced_requests: 0,
      uncounted_records: 5,
    };
    const none = { volume_effect_usd: null, tokens_effect_usd: null, price_effect_usd: null };
    expect(costChange(counted, uncounted)).toMatchObject({ change_usd: 1, ...none });
    expect(costChange(uncounted, counted)).toMatchObject({ change_usd: -1, ...none });
    const mixed = breakDown(
      [
        { key: ["a"], sums: counted },
        { key: ["b"], sums: uncounted },
      ],
      [
        { key: ["a"], sums: counted },
        { key: ["b"], sums: counted },
      ],
      5,
    );
    expect(mixed.total).toMatchObject({ requests: null, change: { change_usd: 1, ...none } });
    expect(mixed.rows.find(({ key }) => key[0] === "a")).toMatchObject({
      requests: 5,
      change: { volume_effect_usd: 0 },
    });
  });

  it("is the sum of its three effects, whatever was before", () => {
    fc.assert(
      fc.property(sums, sums, (prior, current) => {
        const change = costChange(prior, current);
        expect(change.change_usd).toBeCloseTo(current.cost_usd - prior.cost_usd, 9);
        expect(effectsOf(change)).toBeCloseTo(change.change_usd, 6);
        expect(
          Object.values(change).every((value) => value === null || Number.isFinite(value)),
        ).toBe(true);
      }),
    );
  });

  it.each([
    ["volume alone where only requests doubled", priced(20, 2_000, 8), [4, 0, 0]],
    ["tokens alone where each request doubled", priced(10, 2_000, 8), [0, 4, 0]],
    ["price alone where only the price doubled", priced(10, 1_000, 8), [0, 0, 4]],
    ["volume alone where the group is gone", NO_USAGE, [-4, 0, 0]],
  ])("is %s", (_, current, [volume, tokens, price]) => {
    const change = costChange(priced(10, 1_000, 4), current);
    expect(change.volume_effect_usd).toBeCloseTo(volume ?? Number.NaN, 12);
    expect(change.tokens_effect_usd).toBeCloseTo(tokens ?? Number.NaN, 12);
    expect(change.price_effect_usd).toBeCloseTo(price ?? Number.NaN, 12);
  });

  it("has no percentage where nothing was spent before", () => {
    expect(costChange(NO_USAGE, priced(1, 10, 2))).toMatchObject({
      change_pct: null,
      volume_effect_usd: 2,
    });
  });

  it("counts first tokens as tokens, since there was no price before", () => {
    const change = costChange(priced(10, 0, 0), priced(10, 500, 3));
    expect(change).toMatchObject({ volume_effect_usd: 0, tokens_effect_usd: 3 });
  });
});

describe("a breakdown", () => {
  it("has rows and other that add up to the total, in cost and in every effect", () => {
    fc.assert(
      fc.property(groups, groups, fc.integer({ min: 1, max: 6 }), (current, prior, top) => {
        const { total, rows, other } = breakDown(current, prior, top);
        const parts = other ? [...rows, other] : rows;
        const sum = (of: (part: (typeof parts)[number]) => number) =>
          parts.reduce((all, part) => all + of(part), 0);
        expect(rows.length).toBeLessThanOrEqual(top);
        expect(sum((part) => part.cost_usd ?? 0)).toBeCloseTo(cost(current), 6);
        expect(sum((part) => part.change?.change_usd ?? 0)).toBeCloseTo(
          cost(current) - cost(prior),
          6,
        );
        expect(sum((part) => part.change?.price_effect_usd ?? 0)).toBeCloseTo(
          total.change?.price_effect_usd ?? 0,
          6,
        );
        if (cost(current) > 0) expect(sum((part) => part.share_pct ?? 0)).toBeCloseTo(100, 6);
      }),
    );
  });

  it("does not depend on the order of its groups", () => {
    fc.assert(
      fc.property(groups, groups, (current, prior) => {
        expect(breakDown(current.toReversed(), prior.toReversed(), 3).rows).toEqual(
          breakDown(current, prior, 3).rows,
        );
      }),
    );
  });

  it("shows what is gone, at no cost, with what went away", () => {
    const { rows } = breakDown([], [{ key: ["a"], sums: priced(1, 10, 5) }], 10);
    expect(rows).toMatchObject([
      { key: ["a"], cost_usd: 0, change: { prior_usd: 5, change_usd: -5, volume_effect_usd: -5 } },
    ]);
  });

  it("gives no change where the window before cannot be compared with", () => {
    const { total, rows } = breakDown([{ key: ["a"], sums: priced(1, 10, 5) }], null, 10);
    expect([total.change, rows[0]?.change]).toEqual([null, null]);
  });

  it("knows no cost of a group without a price, and gives it no share", () => {
    const unpriced = { ...NO_USAGE, records: 3, requests: 3, input_tokens: 50 };
    const { rows } = breakDown([{ key: ["own"], sums: unpriced }], null, 10);
    expect(rows).toMatchObject([{ cost_usd: null, share_pct: null, requests: 3, tokens: 50 }]);
  });

  it("folds a part of the key away without losing anything", () => {
    const [one, two, three] = [priced(1, 10, 1), priced(2, 20, 2), priced(3, 30, 3)] as const;
    const folded = foldGroups(
      [
        { key: ["a", "2026-11-01"], sums: one },
        { key: ["b", "2026-11-01"], sums: two },
        { key: ["a", "2026-11-02"], sums: three },
      ],
      1,
    );
    expect(folded).toEqual([
      { key: ["a"], sums: sumUsage([one, three]) },
      { key: ["b"], sums: two },
    ]);
  });
});
