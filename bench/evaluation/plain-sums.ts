/** What a question's figure is, by a plain loop over the records: no code of the tools has a part in it. */
import { cataloguePrices, priceRecord } from "../../src/usage/prices.ts";
import type { UsageRecord } from "../../src/usage/record.ts";
import { dailyPrices } from "../../src/usage/sample/daily-prices.ts";
import { DAY_MS } from "../../src/usage/sample/requests.ts";
import { percentile } from "../report.ts";

export type Measure =
  | "cost"
  | "cost_of_failures"
  | "dearest_feature"
  | "dearest_model"
  | "dearest_team"
  | "error_pct"
  | "p50_ms"
  | "p95_ms"
  | "requests"
  | "tokens";

/** Which records a question is about: those of the last days, with these labels. */
export interface Share {
  readonly days?: number;
  readonly where?: Partial<Pick<UsageRecord, "environment" | "feature" | "request_model" | "team">>;
}

interface PricedCall {
  readonly record: UsageRecord;
  readonly usd: number;
}

const DEFAULT_DAYS = 30;

/** The records of a workspace, each once, with their prices. */
export class PlainSums {
  readonly #calls: readonly PricedCall[];
  readonly #end: number;

  constructor(records: Iterable<UsageRecord>) {
    const prices = dailyPrices(cataloguePrices);
    const calls = new Map<string, PricedCall>();
    let latest = 0;
    for (const record of records) {
      const usd = priceRecord(record, prices).cost_computed ?? 0;
      calls.set(record.record_id, { record, usd });
      latest = Math.max(latest, record.ts);
    }
    this.#calls = [...calls.values()];
    this.#end = latest + 1;
  }

  /** @returns the figure, in the unit that its name says: US$ where it says none. */
  of(measure: Measure, { days = DEFAULT_DAYS, where = {} }: Share): number {
    const from = this.#end - days * DAY_MS;
    const calls = this.#calls.filter(({ record }) => record.ts >= from && matches(record, where));
    const records = calls.map(({ record }) => record);
    switch (measure) {
      case "cost":
        return cost(calls);
      case "cost_of_failures":
        return cost(calls.filter(({ record }) => record.status === "error"));
      case "dearest_feature":
        return dearest(calls, ({ feature }) => feature);
      case "dearest_model":
        return dearest(calls, ({ request_model }) => request_model);
      case "dearest_team":
        return dearest(calls, ({ team }) => team);
      case "error_pct":
        return (100 * records.filter(({ status }) => status === "error").length) / records.length;
      case "p50_ms":
        return latency(records, 0.5);
      case "p95_ms":
        return latency(records, 0.95);
      case "requests":
        return records.reduce((sum, { n_requests }) => sum + n_requests, 0);
      case "tokens":
        return records.reduce((sum, each) => sum + each.input_tokens + each.output_tokens, 0);
    }
  }
}

function matches(record: UsageRecord, where: NonNullable<Share["where"]>): boolean {
  return (
    (where.environment === undefined || record.environment === where.environment) &&
    (where.feature === undefined || record.feature === where.feature) &&
    (where.request_model === undefined || record.request_model === where.request_model) &&
    (where.team === undefined || record.team === where.team)
  );
}

function cost(calls: readonly PricedCall[]): number {
  return calls.reduce((sum, { usd }) => sum + usd, 0);
}

/** @returns what the costliest of the groups cost. */
function dearest(
  calls: readonly PricedCall[],
  labelOf: (record: UsageRecord) => string | null,
): number {
  const groups = Map.groupBy(calls, ({ record }) => labelOf(record));
  return Math.max(...[...groups.values()].map(cost));
}

/** @returns the latency of the successful calls that so large a share of them do not exceed. */
function latency(records: readonly UsageRecord[], share: number): number {
  const known = records.flatMap(({ status, latency_ms }) =>
    status === "ok" && latency_ms !== null ? latency_ms : [],
  );
  return percentile(known, share) ?? Number.NaN;
}
