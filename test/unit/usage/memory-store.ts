/** A usage store over a list of records, in plain loops: what any other store has to answer too. */
import { OWN_FEATURE } from "../../../src/usage/own-calls.ts";
import { cataloguePrices, type PriceLookup, priceRecord } from "../../../src/usage/prices.ts";
import type { PricedRecord, UsageRecord } from "../../../src/usage/record.ts";
import { Call, type Extent, type Scope, type UsageStore } from "../../../src/usage/store.ts";
import { absentStore } from "./absent-store.ts";
import { DIMENSIONS, groupsOf, supersededOf } from "./records.ts";

const PAGE = 1_000;

/** A store, and the workspaces it was asked about. */
export interface MemoryStore extends UsageStore {
  readonly asked: ReadonlySet<string>;
}

function extentOf(records: readonly PricedRecord[]): Extent | null {
  const [first, last] = [records.at(0), records.at(-1)];
  return first && last ? { first: first.ts, last: last.ts, records: records.length } : null;
}

/** @returns the store; records of one workspace and id count once, as in every store. */
export function memoryStore(
  records: readonly UsageRecord[],
  prices: PriceLookup = cataloguePrices,
): MemoryStore {
  const byId = new Map<string, PricedRecord>();
  for (const record of records) {
    const key = `${record.workspace_id} ${record.record_id}`;
    if (!byId.has(key)) byId.set(key, priceRecord(record, prices));
  }
  const all = [...byId.values()].toSorted(
    (left, right) => left.ts - right.ts || (left.record_id < right.record_id ? -1 : 1),
  );
  const asked = new Set<string>();

  function inScope({ workspaceId, from, to, filters, models }: Scope): PricedRecord[] {
    asked.add(workspaceId);
    return all.filter(
      (record) =>
        record.workspace_id === workspaceId &&
        record.ts >= from &&
        record.ts < to &&
        (models?.includes(record.request_model) ?? true) &&
        Object.entries(filters).every(([name, value]) => {
          const part = Object.entries(DIMENSIONS).find(([dimension]) => dimension === name)?.[1];
          return part?.(record) === value;
        }),
    );
  }

  const costliestFirst = (left: PricedRecord, right: PricedRecord) =>
    (right.cost_computed ?? -1) - (left.cost_computed ?? -1) ||
    (left.record_id < right.record_id ? -1 : 1);

  return {
    ...absentStore(),
    asked,
    async extent(workspaceId) {
      asked.add(workspaceId);
      const held = all.filter((record) => record.workspace_id === workspaceId);
      const extent = extentOf(held);
      const imported = extentOf(held.filter(({ feature }) => feature !== OWN_FEATURE));
      return extent && { ...extent, imported };
    },
    async groups(scope, by) {
      return groupsOf(inScope(scope), by);
    },
    async latencies(scope) {
      const timed = inScope(scope).filter(
        ({ granularity, status, latency_ms }) =>
          granularity === "request" && status === "ok" && latency_ms !== null,
      );
      const byModel = Map.groupBy(timed, (record) =>
        JSON.stringify([record.provider, record.request_model]),
      );
      return [...byModel.values()].flatMap((records) => {
        const sorted = records.map(({ latency_ms }) => latency_ms ?? 0).toSorted((a, b) => a - b);
        const rank = (p: number) => sorted[Math.ceil(p * sorted.length) - 1] ?? Number.NaN;
        const { provider = "", request_model: model = "" } = records[0] ?? {};
        return [{ provider, model, records: sorted.length, p50_ms: rank(0.5), p95_ms: rank(0.95) }];
      });
    },
    async superseded(scope) {
      return supersededOf(inScope(scope));
    },
    async orderStatistics(scope, metric, positions) {
      const sorted = inScope(scope)
        .filter((record) => record.granularity === "request" && record.status === "ok")
        .flatMap((record) => record[metric] ?? [])
        .toSorted((left, right) => left - right);
      const wanted = sorted.length > 0 ? positions(sorted.length) : [];
      return {
        records: sorted.length,
        values: wanted.map((position) => sorted[position - 1] ?? Number.NaN),
      };
    },
    async *scan(scope) {
      const calls = inScope(scope).filter((record) => record.granularity === "request");
      for (let at = 0; at < calls.length; at += PAGE) {
        yield calls.slice(at, at + PAGE).map((record) => Call.parse(record));
      }
    },
    async priceVersions(scope) {
      const priced = inScope(scope).filter((record) => record.cost_computed !== null);
      return [...new Set(priced.map((record) => record.price_version))].toSorted();
    },
    async examples(scope, limit) {
      const costliest = inScope(scope).toSorted(costliestFirst);
      return costliest.slice(0, limit).map((record) => record.record_id);
    },
  };
}
