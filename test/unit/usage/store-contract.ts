/** What every usage store gives, held against plain loops over the same records: one list of cases for all of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OWN_FEATURE } from "../../../src/usage/own-calls.ts";
import { cataloguePrices, type PriceLookup, priceRecord } from "../../../src/usage/prices.ts";
import type { PricedRecord, UsageRecord } from "../../../src/usage/record.ts";
import {
  Call,
  MAX_GROUPS,
  MAX_INGEST,
  type Scope,
  type UsageStore,
} from "../../../src/usage/store.ts";
import { groupsOf, usageRecord } from "./records.ts";
import { change, DAY, everything, MINUTE, series, start } from "./stored-records.ts";
import { expectSuperseded, holdSupersededToContract } from "./superseded-contract.ts";

/** A store under test, and what its port does not show. */
export interface StoreUnderTest {
  open(prices?: PriceLookup): UsageStore;
  /** False for an engine that reads a decimal to fifteen digits, not to the last bit. */
  readonly readsEveryDouble: boolean;
  /** How many lists of arbitrary records it is held against: fewer for an engine that takes its time. */
  readonly runs: number;
  /** @returns what was set aside of a workspace, by record id. */
  quarantine(workspaceId: string): Promise<{ record_id: string; reason: string; record: string }[]>;
}

const priced = (records: readonly UsageRecord[]) =>
  records.map((record) => priceRecord(record, cataloguePrices));

async function scanned(store: UsageStore, scope: Scope): Promise<Call[]> {
  const calls: Call[] = [];
  for await (const page of store.scan(scope)) calls.push(...page);
  return calls;
}

/** Holds a store to the port. The name of each workspace is used once. */
export function holdToContract(stores: StoreUnderTest): void {
  const store = stores.open();
  let run = 0;

  /** Records of a workspace of its own, as they were stored. */
  const stored = (run: number, list: readonly Partial<UsageRecord>[]) =>
    list.map((one, index) =>
      usageRecord({
        ...one,
        workspace_id: `run-${run}`,
        record_id: `record-${index % 97}-${index}`,
      }),
    );

  /** What can be held against what an engine reads: all of it, or all but the last bits of its numbers. */
  const asRead = (value: unknown): unknown =>
    stores.readsEveryDouble
      ? value
      : JSON.parse(JSON.stringify(value), (_, part: unknown) =>
          // Of what was read to fifteen digits the fourteenth may have been rounded up already.
          typeof part === "number" ? Number(Number(part.toPrecision(15)).toPrecision(14)) : part,
        );

  it("refuses an import too large for one transaction", async () => {
    const record = usageRecord();
    const many = Array.from({ length: MAX_INGEST + 1 }, () => record);
    await expect(store.ingest(many)).rejects.toMatchObject({ code: "too_large" });
  });

  it("refuses to make more groups than it can hold", async () => {
    await store.ingest(series("crowd", MAX_GROUPS + 1, (index) => ({ user_hash: `u${index}` })));
    await expect(store.groups(everything("crowd"), ["user"])).rejects.toMatchObject({
      code: "too_large",
    });
    expect(await store.groups(everything("crowd"), ["model"])).toHaveLength(1);
  });

  it("gives the group of records without a label, also where there is no other", async () => {
    await store.ingest(series("unlabelled", 3));
    for (const by of ["feature", "team", "user", "error_type"] as const) {
      const groups = await store.groups(everything("unlabelled"), [by]);
      expect(groups, by).toMatchObject([{ key: [null], sums: { records: 3 } }]);
    }
  });

  describe("an import", () => {
    it("changes nothing when it comes again, in any order, also in part", async () => {
      const records = series("twice", 50);
      expect(await store.ingest(records)).toEqual({ stored: 50, known: 0, quarantined: 0 });
      const before = await store.groups(everything("twice"), ["model", "day"]);
      expect(await store.ingest(records.toReversed())).toEqual({
        stored: 0,
        known: 50,
        quarantined: 0,
      });
      expect(await store.ingest(series("twice", 60))).toEqual({
        stored: 10,
        known: 50,
        quarantined: 0,
      });
      expect(before[0]?.sums.records).toBe(50);
      expect((await store.groups(everything("twice"), []))[0]?.sums.records).toBe(60);
      expect(await store.extent("twice")).toMatchObject({ records: 60 });
    });

    it("counts a record once that it holds twice, and keeps the first", async () => {
      const [first] = series("double", 1);
      const again = { ...usageRecord(first), ts: start + DAY, input_tokens: 7 };
      const records = [usageRecord(first), again];
      expect(await store.ingest(records)).toEqual({ stored: 1, known: 1, quarantined: 0 });
      expect(await store.ingest([again])).toEqual({ stored: 0, known: 1, quarantined: 0 });
      const calls = await scanned(store, everything("double"));
      expect(asRead(calls)).toEqual(asRead(callsOf(priced(records.slice(0, 1)))));
    });

    it("keeps records of the same id apart where their workspaces differ", async () => {
      const records = [...series("apart-a", 2), ...series("apart-b", 2)];
      expect(await store.ingest(records)).toEqual({ stored: 4, known: 0, quarantined: 0 });
      expect(await store.ingest(series("apart-b", 3))).toEqual({
        stored: 1,
        known: 2,
        quarantined: 0,
      });
    });

    it("may be empty", async () => {
      expect(await store.ingest([])).toEqual({ stored: 0, known: 0, quarantined: 0 });
    });

    it("sets a record aside that contradicts itself, with the reason, and counts the others", async () => {
      const records = series("aside", 3, (index) => ({
        cache_read_tokens: index === 1 ? 5_000 : 0,
      }));
      expect(await store.ingest(records)).toEqual({ stored: 2, known: 0, quarantined: 1 });
      expect(await stores.quarantine("aside")).toEqual([
        {
          record_id: "record-1",
          reason: "cache_read_tokens + cache_write_tokens (5000) exceed input_tokens (1000)",
          record: JSON.stringify(records[1]),
        },
      ]);
    });
  });

  describe("a scope", () => {
    it("has nothing where there is nothing", async () => {
      const nobody = everything("nobody");
      expect(await store.extent("nobody")).toBeNull();
      expect(await store.groups(nobody, [])).toEqual([]);
      expect(await store.groups(nobody, ["model"])).toEqual([]);
      expect(await store.latencies(nobody)).toEqual([]);
      expect(await store.orderStatistics(nobody, "ttft_ms", () => [1])).toEqual({
        records: 0,
        values: [],
      });
      expect(await store.priceVersions(nobody)).toEqual([]);
      expect(await store.examples(nobody, 5)).toEqual([]);
      expect(await store.superseded(nobody)).toEqual([]);
      expect(await scanned(store, nobody)).toEqual([]);
    });

    it("includes the first moment of its window and leaves its last out", async () => {
      await store.ingest(series("edge", 10));
      const scope = everything("edge", { from: start + 2 * MINUTE, to: start + 5 * MINUTE });
      expect((await store.groups(scope, []))[0]?.sums.records).toBe(3);
      expect((await scanned(store, scope)).map(({ ts }) => ts)).toEqual(
        [2, 3, 4].map((minute) => start + minute * MINUTE),
      );
      expect(await store.extent("edge")).toEqual({
        first: start,
        last: start + 9 * MINUTE,
        records: 10,
        imported: { first: start, last: start + 9 * MINUTE, records: 10 },
      });
    });

    it("begins to the millisecond, for sums and scans alike", async () => {
      await store.ingest(series("to-the-ms", 4, (index) => ({ ts: start + index })));
      const scope = everything("to-the-ms", { from: start + 1, to: start + 3 });
      expect((await scanned(store, scope)).map(({ ts }) => ts)).toEqual([start + 1, start + 2]);
      expect((await store.groups(scope, []))[0]?.sums.records).toBe(2);
    });

    it("tells what was imported from the calls of this product itself", async () => {
      const own = (index: number) => ({
        feature: OWN_FEATURE,
        record_id: `apex-edge:run.${index}`,
      });
      const some = (index: number) => (index % 4 === 0 ? own(index) : {});
      await store.ingest(series("chatty", 9, some));
      expect(await store.extent("chatty")).toEqual({
        first: start,
        last: start + 8 * MINUTE,
        records: 9,
        imported: { first: start + MINUTE, last: start + 7 * MINUTE, records: 6 },
      });
      await store.ingest(series("only-chat", 2, own));
      expect(await store.extent("only-chat")).toMatchObject({ records: 2, imported: null });
    });

    it("keeps to one workspace, and to exactly what a filter says, whatever it says", async () => {
      await store.ingest(series("mine", 4, (index) => ({ team: index < 3 ? "a" : "b" })));
      await store.ingest(series("theirs", 7, () => ({ team: "a" })));
      const records = async (team: string) => {
        const [group] = await store.groups(everything("mine", { filters: { team } }), []);
        return group?.sums.records ?? 0;
      };
      expect(await records("a")).toBe(3);
      expect(await records("b")).toBe(1);
      expect(await records("' OR '1'='1")).toBe(0);
      expect(await records("%")).toBe(0);
      expect(await records("\\")).toBe(0);
      expect(await store.extent("mine' OR '1'='1")).toBeNull();
    });

    it("can be held to some models", async () => {
      await store.ingest(
        series("models", 9, (index) => ({ request_model: ["a", "b", "c"][index % 3] ?? "" })),
      );
      const groups = await store.groups(everything("models", { models: ["c", "a"] }), ["model"]);
      expect(groups.map(({ key }) => key)).toEqual([["a"], ["c"]]);
    });
  });

  it("answers as plain loops do, record for record, whatever the records are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 25 }), async (list) => {
        const records = stored(run, list);
        const scope = everything(`run-${run}`);
        run += 1;
        await store.ingest(records);
        const all = priced(records);

        expect(asRead(await scanned(store, scope))).toEqual(asRead(callsOf(all)));
        for (const by of [
          [],
          ["model", "feature"],
          ["day"],
          ["hour", "user", "team"],
          ["granularity", "status", "error_type"],
        ] as const) {
          const groups = await store.groups(scope, by);
          const expected = groupsOf(all, by);
          expect(groups.map(({ key }) => key)).toEqual(expected.map(({ key }) => key));
          for (const [index, { sums }] of groups.entries()) {
            for (const [field, value] of Object.entries(expected[index]?.sums ?? {})) {
              expect(sums, field).toHaveProperty(field, expect.closeTo(value, 6));
            }
          }
        }
        for (const metric of ["latency_ms", "ttft_ms"] as const) {
          const sorted = latenciesOf(all, metric);
          const given = await store.orderStatistics(scope, metric, (n) => [n, 1, Math.ceil(n / 2)]);
          const middle = sorted[Math.ceil(sorted.length / 2) - 1];
          const values = sorted.length === 0 ? [] : [sorted.at(-1), sorted[0], middle];
          expect(asRead(given)).toEqual(asRead({ records: sorted.length, values }));
        }
        await expectSuperseded(store, scope, all);
        const versions = all.filter((one) => one.cost_computed !== null);
        expect(await store.priceVersions(scope)).toEqual(
          [...new Set(versions.map((one) => one.price_version))].sort(),
        );
        expect(await store.examples(scope, 3)).toEqual(
          all
            .toSorted(
              (one, other) =>
                (other.cost_computed ?? -1) - (one.cost_computed ?? -1) ||
                (one.record_id < other.record_id ? -1 : 1),
            )
            .slice(0, 3)
            .map(({ record_id }) => record_id),
        );
      }),
      { numRuns: stores.runs },
    );
  });

  holdSupersededToContract(store);

  it("scans page after page, by time and then by id, each call once", async () => {
    const records = series("pages", 10_007, (index) => ({ ts: start + Math.floor(index / 3) }));
    await store.ingest(records);
    const pages: number[] = [];
    for await (const page of store.scan(everything("pages"))) pages.push(page.length);
    expect(Math.max(...pages)).toBeLessThanOrEqual(10_000);
    expect(pages.reduce((sum, calls) => sum + calls, 0)).toBe(10_007);
    const ids = (await scanned(store, everything("pages"))).map(({ ts, record_id }) => ({
      ts,
      record_id,
    }));
    expect(ids).toEqual(callsOf(priced(records)).map(({ ts, record_id }) => ({ ts, record_id })));
  });

  it("gives nearest ranks of the successful single calls of each model", async () => {
    const records = series("slow", 40, (index) => ({
      latency_ms: (index * 7) % 40,
      status: index === 0 ? "error" : "ok",
      granularity: index === 1 ? "bucket" : "request",
    }));
    await store.ingest(records);
    const sorted = latenciesOf(priced(records), "latency_ms");
    expect(await store.latencies(everything("slow"))).toEqual([
      {
        provider: "openai",
        model: "gpt-5.4",
        records: 38,
        p50_ms: sorted[Math.ceil(0.5 * 38) - 1],
        p95_ms: sorted[Math.ceil(0.95 * 38) - 1],
      },
    ]);
  });

  it("names the costliest records, and the price lists their costs come from", async () => {
    await store.ingest(
      series("proof", 6, (index) => ({
        output_tokens: index * 100,
        service_tier: index === 0 ? "batch" : null,
        provider: index === 5 ? "self-hosted" : "openai",
      })),
    );
    expect(await store.examples(everything("proof"), 2)).toEqual(["record-4", "record-3"]);
    expect(await store.priceVersions(everything("proof"))).toEqual([
      "genai-prices@0.1.8",
      "genai-prices@0.1.8+tiers@2026-11-21",
    ]);
  });

  it("computes costs as records come in, which double where the prices do", async () => {
    const doubling = stores.open((query) => {
      const price = cataloguePrices(query);
      if (!price) return null;
      const { input, cache_read, cache_write, output } = price.rates;
      const rates = {
        input: 2 * input,
        cache_read: 2 * cache_read,
        cache_write: 2 * cache_write,
        output: 2 * output,
      };
      return { rates, version: "doubled" };
    });
    const mix = (index: number) => ({ cache_read_tokens: index * 10, output_tokens: index * 7 });
    await store.ingest(series("list-price", 30, mix));
    await doubling.ingest(series("double-price", 30, mix));
    const [once] = await store.groups(everything("list-price"), []);
    const [twice] = await store.groups(everything("double-price"), []);
    expect(twice?.sums.cost_usd).toBeCloseTo(2 * (once?.sums.cost_usd ?? Number.NaN), 9);
    expect(await store.priceVersions(everything("double-price"))).toEqual(["doubled"]);
  });
}

/** @returns the single calls, in the order a scan has them. */
function callsOf(records: readonly PricedRecord[]): Call[] {
  return records
    .filter(({ granularity }) => granularity === "request")
    .toSorted((one, other) => one.ts - other.ts || (one.record_id < other.record_id ? -1 : 1))
    .map((record) => Call.parse(record));
}

function latenciesOf(records: readonly PricedRecord[], metric: "latency_ms" | "ttft_ms"): number[] {
  return records
    .filter(({ status, granularity }) => status === "ok" && granularity === "request")
    .flatMap((record) => record[metric] ?? [])
    .toSorted((one, other) => one - other);
}
