/** The usage store over real D1: what goes in once, what comes out, and what a broken database looks like. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import { usageRecord } from "../../unit/usage/records.ts";
import { holdToContract } from "../../unit/usage/store-contract.ts";
import { everything, INVENTED_COUNTS, series } from "../../unit/usage/stored-records.ts";

const store = d1UsageStore(env.DB);

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
});

describe("a usage store over D1", () => {
  holdToContract({
    readsEveryDouble: false,
    runs: 15,
    open: (prices) => d1UsageStore(env.DB, prices ? { prices } : {}),
    async quarantine(workspaceId) {
      const { results } = await env.DB.prepare(
        "SELECT record_id, reason, record FROM usage_quarantine WHERE workspace_id = ?1 ORDER BY record_id",
      )
        .bind(workspaceId)
        .all<{ record_id: string; reason: string; record: string }>();
      return results;
    },
  });

  it("has no invented number of calls, of those stored before it was left open either", async () => {
    await store.ingest(
      INVENTED_COUNTS.map(({ record }) => usageRecord({ ...record, workspace_id: "invented" })),
    );
    const migration = env.MIGRATIONS.find(({ name }) => name.startsWith("0014"));
    for (const sql of migration?.queries ?? []) await env.DB.prepare(sql).run();
    for (const { record, becomes } of INVENTED_COUNTS) {
      const row = await env.DB.prepare(
        "SELECT n_requests, context_tokens FROM usage_records WHERE workspace_id = 'invented' AND record_id = ?",
      )
        .bind(record.record_id)
        .raw();
      expect(row, record.record_id).toEqual([becomes]);
    }
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
    const asStored = { finish_reasons: "[]", block_hmacs: "[]", import_id: null };
    expect(results).toEqual([{ ...priceRecord(record, cataloguePrices), ...asStored }]);
  });
});
