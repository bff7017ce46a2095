/** The additive sums every analysis is built from, and the shares taken of them. */
import * as z from "zod";

const count = z.number().int().min(0);
const dollars = z.number().min(0);

/** Sums over a set of records. Costs are USD and cover the priced records alone. */
export const UsageSums = z.object({
  records: count,
  requests: count.describe("Of the records that say how many they stand for"),
  uncounted_records: count.describe("Buckets whose source does not say how many calls they sum up"),
  failed_requests: count,
  input_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  long_context_requests: count.describe(
    "Over 128,000 input tokens each, where some models cost more",
  ),
  cost_usd: dollars,
  priced_records: count,
  priced_requests: count,
  priced_tokens: count,
  reported_usd: dollars.describe("As the sources report it, whether a price is known or not"),
  reconciled_records: count.describe("Those with both a reported and a computed cost"),
  reconciled_reported_usd: dollars,
  reconciled_computed_usd: dollars,
});
export type UsageSums = z.infer<typeof UsageSums>;

const FIELDS = UsageSums.keyof().options;

/** The sums over no record at all. */
export const NO_USAGE: UsageSums = sumUsage([]);

/** @returns the sums over the union of disjoint sets of records. */
export function sumUsage(parts: readonly UsageSums[]): UsageSums {
  return UsageSums.parse(
    Object.fromEntries(
      FIELDS.map((field) => [field, parts.reduce((sum, part) => sum + part[field], 0)]),
    ),
  );
}

/** @returns the tokens of the set: cached ones are part of the input, reasoning of the output. */
export function tokensOf(sums: UsageSums): number {
  return sums.input_tokens + sums.output_tokens;
}

/** @returns how many requests the set holds, or null where a record of it does not say. */
export function knownRequests(sums: UsageSums): number | null {
  return sums.uncounted_records === 0 ? sums.requests : null;
}

/** @returns USD, or null where no record of the set has a known price. */
export function knownCost(sums: UsageSums): number | null {
  return sums.priced_records > 0 ? sums.cost_usd : null;
}

/** @returns part over whole, or null where there is no whole, or none that is known. */
export function ratio(part: number, whole: number | null): number | null {
  return whole !== null && whole > 0 ? part / whole : null;
}

/** @returns part of whole in percent, or null where there is no whole, or none that is known. */
export function percent(part: number, whole: number | null): number | null {
  return whole !== null && whole > 0 ? (100 * part) / whole : null;
}
