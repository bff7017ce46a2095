/** What a workload is built from: keys with dense ids, prices asked once a day, columns. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PriceQuery, Rates } from "../../../../src/usage/prices.ts";
import { fingerprint, KeyTable } from "../../../../src/usage/replay/key-table.ts";
import { NO_RATE, PriceBook } from "../../../../src/usage/replay/price-book.ts";
import { call, callsAt, DAY, HOUR, PRICES, START, workloadOf } from "./workloads.ts";

describe("a table of keys", () => {
  it("numbers keys as a map would, in the order they come", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(50), fc.maxSafeNat()), { maxLength: 4_000, size: "max" }),
        (keys) => {
          const table = new KeyTable();
          const map = new Map<number, number>();
          for (const key of keys) {
            if (!map.has(key)) map.set(key, map.size);
            expect(table.idOf(key)).toBe(map.get(key));
          }
          expect(table.size).toBe(map.size);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("tells a million spellings of hashes apart", () => {
    const seen = new Set(Array.from({ length: 200_000 }, (_, i) => fingerprint(`hash-${i}`)));
    expect(seen.size).toBe(200_000);
    expect([...seen].every(Number.isSafeInteger)).toBe(true);
  });
});

describe("a book of prices", () => {
  const rates = (input: number): Rates => ({
    input,
    cache_read: input,
    cache_write: input,
    output: input,
  });
  const query = { provider: "p", model: "m", serviceTier: null, at: START, contextTokens: 10 };

  function book(priceOf: (query: PriceQuery) => number | null) {
    const asked: PriceQuery[] = [];
    const prices = new PriceBook((each) => {
      asked.push(each);
      const input = priceOf(each);
      return input === null ? null : { rates: rates(input), version: "test" };
    });
    const inputAt = (changes: Partial<PriceQuery>) =>
      prices.rates[prices.rateOf({ ...query, ...changes })]?.input;
    return { prices, asked, inputAt };
  }

  it("has no rate for a model without a price", () => {
    expect(book(() => null).prices.rateOf(query)).toBe(NO_RATE);
  });

  it("asks for a steady price once a day", () => {
    const { asked, inputAt } = book(({ at }) => (at < START + DAY ? 1 : 2));
    expect(inputAt({})).toBe(1);
    const once = asked.length;
    expect(inputAt({ at: START + 23 * HOUR, contextTokens: 500_000 })).toBe(1);
    expect(asked).toHaveLength(once);
    expect(inputAt({ at: START + DAY })).toBe(2);
  });

  it("asks for each call where the hour decides", () => {
    const { inputAt } = book(({ at }) => ((at / HOUR) % 24 >= 16.5 ? 1 : 2));
    expect(inputAt({ at: START + 16.25 * HOUR })).toBe(2);
    expect(inputAt({ at: START + 16.75 * HOUR })).toBe(1);
  });

  it("asks for each long call where the context's length decides", () => {
    const { inputAt } = book(({ contextTokens }) => (contextTokens > 272_000 ? 2 : 1));
    expect(inputAt({ contextTokens: 272_000 })).toBe(1);
    expect(inputAt({ contextTokens: 272_001 })).toBe(2);
  });
});

describe("a workload", () => {
  it("prices a call by the model that answered, else by the one that was asked", () => {
    const workload = workloadOf([
      call({ record_id: "a", request_model: "alias", response_model: "claude-small" }),
      call({ record_id: "b", request_model: "claude-large", response_model: "snapshot" }),
      call({ record_id: "c", request_model: "self-made" }),
    ]);
    const inputs = [...workload.asMade.rate].map((rate) => workload.prices.rates[rate]?.input);
    expect(inputs).toEqual([1, 10, undefined]);
  });

  it("holds more calls than its columns began with", () => {
    const minutes = Array.from({ length: 9_000 }, (_, minute) => minute);
    const workload = workloadOf(callsAt(minutes), PRICES);
    expect(workload.size).toBe(9_000);
    expect(workload.ts[8_999]).toBe(START + 8_999 * 60_000);
    expect(workload.recordIds).toHaveLength(9_000);
  });
});
