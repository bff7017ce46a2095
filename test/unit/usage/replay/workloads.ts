/** Workloads for tests, at prices that can be reckoned with in the head. */
import { type PriceLookup, priceRecord, type Rates } from "../../../../src/usage/prices.ts";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import type { Workload } from "../../../../src/usage/replay/workload.ts";
import { WorkloadBuilder } from "../../../../src/usage/replay/workload-builder.ts";
import { usageRecord } from "../records.ts";

export const START = Date.UTC(2026, 9, 20);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SPAN = { from: START, to: START + 10 * DAY };

/** USD per million tokens: a call of a million tokens in and out costs $10 + $50. */
const LARGE: Rates = {
  input: 10,
  cache_read: 1,
  cache_write: 12.5,
  cache_write_1h: 20,
  output: 50,
};
const SMALL: Rates = { input: 1, cache_read: 0.1, cache_write: 1.25, cache_write_1h: 2, output: 5 };
/** Half the price of the large one. */
const MEDIUM: Rates = { input: 5, cache_read: 0.5, cache_write: 6.25, output: 25 };
const RATES: Readonly<Record<string, Rates>> = {
  "claude-large": LARGE,
  "claude-medium": MEDIUM,
  "claude-small": SMALL,
};

/** @returns the prices above times a factor; half of that in the batch tier, and nothing else. */
export function pricesTimes(factor: number): PriceLookup {
  return ({ model, serviceTier }) => {
    const rates = RATES[model];
    if (!rates || (serviceTier !== null && serviceTier !== "batch")) return null;
    const times = factor * (serviceTier === "batch" ? 0.5 : 1);
    return {
      rates: {
        input: times * rates.input,
        cache_read: times * rates.cache_read,
        cache_write: times * rates.cache_write,
        cache_write_1h: times * (rates.cache_write_1h ?? rates.cache_write),
        output: times * rates.output,
      },
      version: "test",
    };
  };
}

export const PRICES = pricesTimes(1);

/** @returns a successful call of the large model, one million tokens in, none out: $10. */
export function call(changes: Partial<UsageRecord> = {}): UsageRecord {
  return usageRecord({
    ts: START,
    provider: "anthropic",
    request_model: "claude-large",
    input_tokens: 1_000_000,
    output_tokens: 0,
    latency_ms: 0,
    feature: "chat",
    ...changes,
  });
}

/** @returns the calls as the store would give them: each record once, by time and then by id. */
export function workloadOf(records: readonly UsageRecord[], prices = PRICES): Workload {
  const once = new Map(records.map((record) => [record.record_id, record]));
  const inOrder = [...once.values()].toSorted(
    (left, right) => left.ts - right.ts || (left.record_id < right.record_id ? -1 : 1),
  );
  const builder = new WorkloadBuilder(prices);
  builder.add(inOrder.map((record) => priceRecord(record, prices)));
  return builder.build();
}

/** @returns calls at these minutes from the start, each an id of its own. */
export function callsAt(
  minutes: readonly number[],
  changes: Partial<UsageRecord> = {},
): UsageRecord[] {
  return minutes.map((minute, index) =>
    call({ record_id: `at-${minute}-${index}`, ts: START + minute * MINUTE, ...changes }),
  );
}
