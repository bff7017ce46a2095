/** The tools over the sample company in D1, against sums done here in plain loops. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { Portion } from "../../../src/usage/breakdown.ts";
import { ModelFacts } from "../../../src/usage/comparison.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { d1WorkspaceStore } from "../../../src/usage/d1-workspace-store.ts";
import { loadSampleRecords } from "../../../src/usage/load-sample.ts";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import type { PricedRecord } from "../../../src/usage/record.ts";
import { sampleRecords } from "../../../src/usage/sample.ts";
import { toolContext } from "../../unit/tools/context.ts";
import { sumsOf } from "../../unit/usage/records.ts";

const DAY = 24 * 60 * 60_000;
const endsAt = Date.UTC(2026, 10, 21, 7, 30);
const clock: Clock = { ...systemClock, now: () => endsAt };
const usage = d1UsageStore(env.DB);
const workspaces = d1WorkspaceStore(env.DB);
const tools = toolCatalog({ usage, workspaces, clock });

/** The sample company, thinned out: what is asked of it here does not depend on its size. */
const sample = { endsAt, scale: 0.03 };
const delivered = [...sampleRecords(sample)];
const records = [...new Map(delivered.map((record) => [record.record_id, record])).values()].map(
  (record) => priceRecord(record, cataloguePrices),
);
const latest = Math.max(...records.map(({ ts }) => ts)) + 1;
const within = (from: number, to: number) => records.filter(({ ts }) => ts >= from && ts < to);
const thisMonth = within(latest - 30 * DAY, latest);
const lastMonth = within(latest - 60 * DAY, latest - 30 * DAY);

async function call(name: string, args: Json = {}) {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool.execute(args, toolContext());
}

const Answer = z.looseObject({
  value: z.number().nullable(),
  n_records: z.number(),
  coverage_pct: z.number().nullable(),
  assumptions: z.array(z.string()),
  price_version: z.string().nullable(),
  evidence: z.object({
    fact_id: z.string(),
    query_id: z.string(),
    sample_record_ids: z.array(z.string()),
  }),
  window: z.object({ from: z.string(), to: z.string() }),
  summary: z.string(),
});
const Breakdown = Answer.extend({
  total: Portion,
  rows: z.array(Portion.extend({ key: z.record(z.string(), z.string().nullable()) })),
  other: Portion.extend({ groups: z.number() }).nullable(),
});
const Comparison = Answer.extend({ models: z.array(ModelFacts) });

const summary = async (args?: Json) => Answer.parse((await call("usage_summary", args)).output);
const breakdown = async (args?: Json) =>
  Breakdown.parse((await call("cost_breakdown", args)).output);
const comparison = async (args?: Json) =>
  Comparison.parse((await call("model_comparison", args)).output);

describe("before any record is there", () => {
  it.each(["usage_summary", "cost_breakdown", "model_comparison"])(
    "%s says that there is nothing, and gives no figure",
    async (name) => {
      const { output, findings } = await call(name);
      expect(findings).toEqual([]);
      expect(Answer.parse(output)).toMatchObject({
        value: null,
        n_records: 0,
        coverage_pct: null,
        price_version: null,
        window: { to: new Date(endsAt).toISOString() },
        summary: expect.stringContaining("no records in this window"),
      });
    },
  );
});

describe("with the sample company", () => {
  beforeAll(async () => {
    expect(await loadSampleRecords(usage, sample)).toEqual({
      stored: records.length,
      known: delivered.length - records.length,
      quarantined: 0,
    });
  }, 60_000);

  describe("usage_summary", () => {
    it("says so where the window holds nothing", async () => {
      const answer = await summary({ window: { from: "2020-01-01", to: "2020-02-01" } });
      expect(answer).toMatchObject({ value: null, n_records: 0, error_rate_pct: null });
      expect(answer.summary).toContain("2020-01-01 00:00 to 2020-02-01 00:00 UTC");
    });

    it("refuses a window that would begin after the latest record", async () => {
      await expect(summary({ window: { from: "2027-01-01" } })).rejects.toMatchObject({
        code: "invalid_fields",
        errors: [{ field: "window.from" }],
      });
    });

    it("sums the last thirty days up to the latest record, and says that it chose them", async () => {
      const sums = sumsOf(thisMonth);
      const answer = await summary();
      expect(answer).toMatchObject({
        value: expect.closeTo(sums.cost_usd, 5),
        unit: "USD",
        interval: null,
        basis: "measured",
        n_records: thisMonth.length,
        requests: sums.requests,
        failed_requests: sums.failed_requests,
        input_tokens: sums.input_tokens,
        output_tokens: sums.output_tokens,
        reasoning_tokens: sums.reasoning_tokens,
        tokens: sums.input_tokens + sums.output_tokens,
        error_rate_pct: expect.closeTo((100 * sums.failed_requests) / sums.requests, 5),
        cache_read_share_pct: expect.closeTo((100 * sums.cache_read_tokens) / sums.input_tokens, 5),
        coverage_pct: expect.closeTo((100 * sums.priced_records) / sums.records, 5),
        reconciliation: {
          records: sums.reconciled_records,
          reported_usd: expect.closeTo(sums.reconciled_reported_usd, 4),
        },
        price_version: "genai-prices@0.1.8, genai-prices@0.1.8+tiers@2026-11-21",
        window: {
          from: new Date(latest - 30 * DAY).toISOString(),
          to: new Date(latest).toISOString(),
        },
      });
      expect(answer.assumptions.join(" ")).toMatch(/sample company.*30 days long.*latest record/);
      expect(answer.assumptions.join(" ")).toContain("have no known price");
    });

    it("gives the costliest records as evidence, and another id to another question", async () => {
      const [first, again, other] = [
        await summary(),
        await summary(),
        await summary({ window: { last_days: 7 } }),
      ];
      const costliest = thisMonth.toSorted(
        (left, right) => (right.cost_computed ?? 0) - (left.cost_computed ?? 0),
      );
      expect(first.evidence.sample_record_ids).toEqual(
        costliest.slice(0, 5).map((record) => record.record_id),
      );
      expect(again.evidence).toEqual(first.evidence);
      expect(other.evidence.query_id).not.toBe(first.evidence.query_id);
      expect(first.evidence.fact_id).toBe(`usage_summary.cost.${first.evidence.query_id}`);
    });

    it("gives one id to one question, however its filters are ordered", async () => {
      const one = await summary({ filters: { team: "support", environment: "production" } });
      const same = await summary({ filters: { environment: "production", team: "support" } });
      expect(same).toEqual(one);
    });

    it("carries its headline figures as findings", async () => {
      const { output, findings } = await call("usage_summary");
      const { value } = Answer.parse(output);
      expect(findings[0]).toEqual({
        name: "total cost",
        value,
        unit: "USD",
        interval: null,
        n_records: thisMonth.length,
        basis: "measured",
      });
      expect(findings).toHaveLength(8);
    });

    it("has filters that part the whole", async () => {
      const whole = await summary();
      const teams = ["support", "engineering", "growth", "data"];
      const parts = await Promise.all(teams.map((team) => summary({ filters: { team } })));
      expect(parts.reduce((sum, part) => sum + part.n_records, 0)).toBe(whole.n_records);
      expect(parts.reduce((sum, part) => sum + (part.value ?? 0), 0)).toBeCloseTo(
        whole.value ?? Number.NaN,
        4,
      );
    });

    it("says how old the latest record is, once it is old", async () => {
      const later = toolCatalog({
        usage,
        workspaces,
        clock: { ...clock, now: () => endsAt + 9 * DAY },
      });
      const result = await later[0]?.execute({}, toolContext(AbortSignal.timeout(9_000)));
      expect(Answer.parse(result?.output).assumptions).toContain(
        "The latest record is 9 days old.",
      );
    });
  });

  describe("cost_breakdown", () => {
    const byModel = (list: readonly PricedRecord[]) =>
      Map.groupBy(list, (record) => record.request_model);

    it("gives no change where the records do not reach back far enough", async () => {
      const answer = await breakdown({ window: { last_days: 45 } });
      expect(answer.total.change).toBeNull();
      expect(answer.assumptions.join(" ")).toContain("do not cover the window before");
    });

    it("breaks down by model, with shares and the change against the month before", async () => {
      const answer = await breakdown();
      const [now, before] = [byModel(thisMonth), byModel(lastMonth)];
      const whole = sumsOf(thisMonth).cost_usd;
      expect(answer.rows).toHaveLength(now.size);
      for (const { key, ...row } of answer.rows) {
        const sums = sumsOf(now.get(key.model ?? "") ?? []);
        const prior = sumsOf(before.get(key.model ?? "") ?? []);
        expect(row.requests).toBe(sums.requests);
        expect(row.cost_usd ?? 0).toBeCloseTo(sums.cost_usd, 5);
        expect(row.share_pct ?? 0).toBeCloseTo((100 * sums.cost_usd) / whole, 4);
        expect(row.change?.change_usd).toBeCloseTo(sums.cost_usd - prior.cost_usd, 5);
        const { volume_effect_usd, tokens_effect_usd, price_effect_usd } = row.change ?? {};
        expect(
          (volume_effect_usd ?? 0) + (tokens_effect_usd ?? 0) + (price_effect_usd ?? 0),
        ).toBeCloseTo(sums.cost_usd - prior.cost_usd, 4);
      }
      expect(answer.total.change?.prior_usd).toBeCloseTo(sumsOf(lastMonth).cost_usd, 4);
    });

    it("puts all but the top into other, and loses nothing", async () => {
      const answer = await breakdown({ dimensions: ["feature", "team"], top: 3 });
      const groups = new Set(thisMonth.map(({ feature, team }) => `${feature} ${team}`)).size;
      const rows = answer.rows.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0);
      expect(answer.rows).toHaveLength(3);
      expect(answer.other?.groups).toBe(groups - 3);
      expect(rows + (answer.other?.cost_usd ?? 0)).toBeCloseTo(answer.value ?? Number.NaN, 4);
      expect(answer.summary).toContain(`| other (${groups - 3}) |`);
    });

    it("gives days their cost, and the change to the total alone", async () => {
      const answer = await breakdown({
        dimensions: ["day", "provider"],
        window: { last_days: 7 },
        top: 50,
      });
      const from = latest - 7 * DAY;
      const [now, before] = [sumsOf(within(from, latest)), sumsOf(within(from - 7 * DAY, from))];
      expect(answer.rows.every((row) => row.change === null)).toBe(true);
      expect(answer.total.change?.change_usd).toBeCloseTo(now.cost_usd - before.cost_usd, 5);
      expect(answer.rows[0]?.key.day).toMatch(/^2026-11-\d\d$/);
    });

    it("stays readable at its largest, without a figure that is not finite", async () => {
      const { output } = await call("cost_breakdown", {
        dimensions: ["user", "model", "day"],
        top: 50,
      });
      const text = JSON.stringify(output);
      expect(text.length).toBeLessThan(32 * 1024);
      expect(text).not.toMatch(/NaN|Infinity/);
    });
  });

  describe("model_comparison", () => {
    it("compares every model by what it cost and did", async () => {
      const answer = await comparison();
      expect(answer.models).toHaveLength(7);
      for (const facts of answer.models) {
        const own = thisMonth.filter((record) => record.request_model === facts.model);
        const sums = sumsOf(own);
        const latencies = own
          .flatMap(({ status, latency_ms }) =>
            status === "ok" && latency_ms !== null ? latency_ms : [],
          )
          .toSorted((left, right) => left - right);
        const rank = (p: number) => latencies[Math.ceil(p * latencies.length) - 1] ?? null;
        expect(facts.requests).toBe(sums.requests);
        expect(facts.cost_usd ?? 0).toBeCloseTo(sums.cost_usd, 5);
        expect(facts.error_rate_pct).toBeCloseTo((100 * sums.failed_requests) / sums.requests, 5);
        expect(facts.latency_records).toBe(latencies.length);
        expect(facts.latency_p50_ms).toBe(rank(0.5));
        expect(facts.latency_p95_ms).toBe(latencies.length >= 200 ? rank(0.95) : null);
      }
    });

    it("simulates each model's tokens on every other that has a price, record by record the same", async () => {
      const answer = await comparison({ window: { last_days: 10 } });
      const recent = within(latest - 10 * DAY, latest);
      const mini = answer.models.find((facts) => facts.model === "gpt-5.4-mini");
      const onClaude = mini?.same_tokens.alternatives.find(
        ({ model }) => model === "claude-haiku-4-5",
      );
      const replayed = recent
        .filter((record) => record.request_model === "gpt-5.4-mini")
        .map((record) =>
          priceRecord(
            { ...record, provider: "anthropic", response_model: "claude-haiku-4-5" },
            cataloguePrices,
          ),
        );
      expect(onClaude?.cost_usd).toBeCloseTo(sumsOf(replayed).cost_usd, 5);
      expect(mini?.same_tokens.own_cost_usd).toBeCloseTo(mini?.cost_usd ?? Number.NaN, 5);
      expect(mini?.same_tokens.alternatives.map(({ model }) => model)).not.toContain(
        "atlas-70b-instruct",
      );
      expect(answer.summary).toContain("a price gap only, the quality is unknown");
    });

    it("marks the price gap as simulated among its findings", async () => {
      const { findings } = await call("model_comparison");
      expect(findings.filter(({ basis }) => basis === "simulated").map(({ name }) => name)).toEqual(
        [expect.stringMatching(/^price gap of .+ on .+/)],
      );
    });

    it("can be held to some models, and says where too few calls are there for a latency", async () => {
      const answer = await comparison({ models: ["atlas-70b-instruct"], window: { last_days: 1 } });
      expect(answer.models).toMatchObject([
        { model: "atlas-70b-instruct", cost_usd: null, latency_p95_ms: null },
      ]);
      expect(answer.value).toBeNull();
      expect(answer.assumptions.join(" ")).toContain(
        "Latency is not assessable in full for atlas-70b-instruct",
      );
    });
  });
});
