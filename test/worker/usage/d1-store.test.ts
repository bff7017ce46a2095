/** The usage store over real D1: what goes in once, what comes out, and what a broken database looks like. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { MAX_GROUPS, MAX_INGEST, type Scope } from "../../../src/usage/store.ts";
import { sumsOf, usageRecord } from "../../unit/usage/records.ts";

const store = d1UsageStore(env.DB);
const start = Date.UTC(2026, 9, 1);

/** @returns so many records of a workspace, one a minute, changed by their place. */
function series(
  workspaceId: string,
  length: number,
  changes: (index: number) => Partial<UsageRecord> = () => ({}),
): UsageRecord[] {
  return Array.from({ length }, (_, index) =>
    usageRecord({
      workspace_id: workspaceId,
      record_id: `record-${index}`,
      ts: start + index * 60_000,
      ...changes(index),
    }),
  );
}

function everything(workspaceId: string, changes: Partial<Scope> = {}): Scope {
  return { workspaceId, from: 0, to: start + 366 * 86_400_000, filters: {}, ...changes };
}

const priced = (records: readonly UsageRecord[]) =>
  records.map((record) => priceRecord(record, cataloguePrices));

/** A database whose every statement ends as the test says. */
function brokenDatabase(all: () => Promise<never>): D1Database {
  return new Proxy(env.DB, {
    get: (_, name) => (name === "batch" ? all : () => ({ bind: () => ({ all }) })),
  });
}

describe("a usage store whose database fails", () => {
  it.each([
    ["throws", () => Promise.reject(new Error("D1_ERROR: Network connection lost."))],
    ["never answers", () => new Promise<never>(() => {})],
  ])("is unavailable, and says when to try again, where D1 %s", async (_, all) => {
    const broken = d1UsageStore(brokenDatabase(all), { deadlineMs: 20 });
    const failure = { code: "unavailable", retryAfter: 5 };
    await expect(broken.extent("any")).rejects.toMatchObject(failure);
    await expect(broken.groups(everything("any"), [])).rejects.toMatchObject(failure);
    await expect(broken.ingest(series("any", 1))).rejects.toMatchObject(failure);
  });

  it("stores nothing of an import that fails half-way", async () => {
    const several = series("torn", 2_000, () => ({ prompt_name: "p".repeat(100) }));
    // Without a source, which no schema lets through, the last statement breaks NOT NULL.
    const broken = {
      ...usageRecord({ workspace_id: "torn", record_id: "bad" }),
      source: JSON.parse("null"),
    };
    await expect(store.ingest([...several, broken])).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(await store.extent("torn")).toBeNull();
  });

  it("refuses an import too large for one transaction", async () => {
    const record = usageRecord();
    const many = Array.from({ length: MAX_INGEST + 1 }, () => record);
    await expect(store.ingest(many)).rejects.toMatchObject({ code: "too_large" });
  });

  it("refuses to make more groups than it can hold", async () => {
    await store.ingest(
      series("crowd", MAX_GROUPS + 1, (index) => ({ user_hash: `user-${index}` })),
    );
    await expect(store.groups(everything("crowd"), ["user"])).rejects.toMatchObject({
      code: "too_large",
    });
    expect(await store.groups(everything("crowd"), ["model"])).toHaveLength(1);
  });
});

describe("an import", () => {
  it("changes nothing when it comes again, in any order", async () => {
    const records = series("twice", 50);
    expect(await store.ingest(records)).toEqual({ stored: 50, known: 0, quarantined: 0 });
    const before = await store.groups(everything("twice"), ["model", "day"]);
    expect(await store.ingest(records.toReversed())).toEqual({
      stored: 0,
      known: 50,
      quarantined: 0,
    });
    expect(await store.groups(everything("twice"), ["model", "day"])).toEqual(before);
  });

  it("may be empty", async () => {
    expect(await store.ingest([])).toEqual({ stored: 0, known: 0, quarantined: 0 });
  });

  it("sets a record aside that contradicts itself, with the reason, and counts the others", async () => {
    const records = series("aside", 3, (index) => ({ cache_read_tokens: index === 1 ? 5_000 : 0 }));
    expect(await store.ingest(records)).toEqual({ stored: 2, known: 0, quarantined: 1 });
    const { results } = await env.DB.prepare(
      "SELECT record_id, reason, record FROM usage_quarantine WHERE workspace_id = 'aside'",
    ).all();
    expect(results).toEqual([
      {
        record_id: "record-1",
        reason: "cache_read_tokens + cache_write_tokens (5000) exceed input_tokens (1000)",
        record: JSON.stringify(records[1]),
      },
    ]);
  });

  it("keeps every field of a record as it came, with its cost", async () => {
    const record = usageRecord({
      workspace_id: "whole",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      feature: `o'clock "quoted" é 🦊`,
      interactive: 0,
      latency_ms: 12.5,
      cost_reported: 0.003,
    });
    await store.ingest([record]);
    const { results } = await env.DB.prepare(
      "SELECT * FROM usage_records WHERE workspace_id = 'whole'",
    ).all();
    expect(results).toEqual([priceRecord(record, cataloguePrices)]);
  });
});

describe("the sums of a scope", () => {
  it("are nothing where there is nothing", async () => {
    expect(await store.extent("nobody")).toBeNull();
    expect(await store.groups(everything("nobody"), [])).toEqual([]);
    expect(await store.groups(everything("nobody"), ["model"])).toEqual([]);
    expect(await store.latencies(everything("nobody"))).toEqual([]);
    expect(await store.examples(everything("nobody"), 5)).toEqual([]);
  });

  it("are those of plain loops, whatever the records are", async () => {
    const changes = fc.record({
      request_model: fc.constantFrom("gpt-5.4", "gpt-5.4-mini", "unknown-model"),
      feature: fc.constantFrom("chat", "search", null),
      service_tier: fc.constantFrom("batch", null),
      input_tokens: fc.nat(300_000),
      output_tokens: fc.nat(9_000),
      status: fc.constantFrom("ok" as const, "error" as const),
      cost_reported: fc.constantFrom(0.25, null),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { maxLength: 20 }), async (list) => {
        const workspace = `loop-${run++}`;
        const records = list.map((change, index) =>
          usageRecord({ ...change, workspace_id: workspace, record_id: `record-${index}` }),
        );
        await store.ingest(records);
        const [total] = await store.groups(everything(workspace), []);
        const expected = sumsOf(priced(records));
        for (const [field, value] of Object.entries(expected)) {
          expect(total?.sums ?? sumsOf([])).toHaveProperty(field, expect.closeTo(value, 9));
        }
        const groups = await store.groups(everything(workspace), ["model", "feature"]);
        for (const { key, sums } of groups) {
          const own = priced(records).filter(
            (record) => record.request_model === key[0] && record.feature === key[1],
          );
          expect(sums.records).toBe(own.length);
          expect(sums.cost_usd).toBeCloseTo(sumsOf(own).cost_usd, 9);
        }
        expect(groups.reduce((sum, group) => sum + group.sums.records, 0)).toBe(records.length);
      }),
      { numRuns: 25 },
    );
  });

  it("include the first moment of the window and leave its last out", async () => {
    await store.ingest(series("edge", 10));
    const scope = everything("edge", { from: start + 2 * 60_000, to: start + 5 * 60_000 });
    const [total] = await store.groups(scope, []);
    expect(total?.sums.records).toBe(3);
    expect(await store.extent("edge")).toEqual({
      first: start,
      last: start + 9 * 60_000,
      records: 10,
    });
  });

  it("keep to one workspace, and to exactly what a filter says, whatever it says", async () => {
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
  });

  it("can be held to some models", async () => {
    await store.ingest(
      series("models", 9, (index) => ({ request_model: ["a", "b", "c"][index % 3] ?? "" })),
    );
    const groups = await store.groups(everything("models", { models: ["a", "c"] }), ["model"]);
    expect(groups.map(({ key }) => key)).toEqual([["a"], ["c"]]);
  });
});

describe("latencies", () => {
  it("are nearest ranks of the successful single calls of each model", async () => {
    const records = series("slow", 40, (index) => ({
      latency_ms: (index * 7) % 40,
      status: index === 0 ? "error" : "ok",
      granularity: index === 1 ? "bucket" : "request",
    }));
    await store.ingest(records);
    const sorted = records
      .filter((record) => record.status === "ok" && record.granularity === "request")
      .map((record) => record.latency_ms ?? Number.NaN)
      .toSorted((left, right) => left - right);
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
});

describe("costs", () => {
  it("are computed as records come in, and double where the prices do", async () => {
    const doubling = d1UsageStore(env.DB, {
      prices: (query) => {
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
      },
    });
    const mix = (index: number) => ({ cache_read_tokens: index * 10, output_tokens: index * 7 });
    await store.ingest(series("list-price", 30, mix));
    await doubling.ingest(series("double-price", 30, mix));
    const [once] = await store.groups(everything("list-price"), []);
    const [twice] = await store.groups(everything("double-price"), []);
    expect(twice?.sums.cost_usd).toBeCloseTo(2 * (once?.sums.cost_usd ?? Number.NaN), 9);
    expect(await store.priceVersions(everything("double-price"))).toEqual(["doubled"]);
  });
});

describe("evidence", () => {
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
});
