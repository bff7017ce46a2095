/** What the savings tools tell of a month, and where they tell nothing: too little time, too much to replay. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Json } from "../../../src/protocol/json.ts";
import { Portfolio } from "../../../src/protocol/optimization.ts";
import { actionPlan } from "../../../src/tools/action-plan.ts";
import { batchOpportunityTool } from "../../../src/tools/batch-opportunity.ts";
import { LeverAnswer } from "../../../src/tools/lever-answer.ts";
import { moveOf } from "../../../src/tools/lever-opportunities.ts";
import { portfolioRoi } from "../../../src/tools/portfolio-roi.ts";
import { rightsizeSimulate } from "../../../src/tools/rightsize-simulate.ts";
import type { UsageTools } from "../../../src/tools/usage-scope.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { call, HOUR, PRICES, START, workloadOf } from "../usage/replay/workloads.ts";
import { askTool, figureOf } from "./ask-tool.ts";

/** Calls of $10, half of which the batch tier would save, these hours apart. */
function patient(count: number, hoursApart: number): UsageRecord[] {
  return Array.from({ length: count }, (_, index) =>
    call({
      record_id: `patient-${index}`,
      ts: START + index * hoursApart * HOUR,
      interactive: 0,
      deadline_h: 24,
    }),
  );
}

async function batch(records: readonly UsageRecord[], args: Json = {}) {
  const { answer, findings } = await askTool(batchOpportunityTool, records, {
    args,
    prices: PRICES,
  });
  return { answer: LeverAnswer.loose().parse(answer), findings };
}

async function portfolio(records: readonly UsageRecord[], args: Json = {}) {
  const { answer, findings } = await askTool(portfolioRoi, records, { args, prices: PRICES });
  const { portfolio } = z.looseObject({ portfolio: Portfolio.nullable() }).parse(answer);
  return { answer, findings, portfolio };
}

describe("a month", () => {
  it("is not made of a moment: what was saved in it is told, and no more", async () => {
    const { answer, findings } = await batch(patient(1, 1));
    expect(answer).toMatchObject({
      value: null,
      interval: null,
      monthly_saving_usd: null,
      window_saving_usd: { value: 5 },
      saving_pct: 50,
      not_assessable: expect.stringMatching(/reach over 0 hours.* a day at least/),
    });
    expect(answer.summary).toMatch(/would have saved \$5\.00.*Not assessable: the records reach/);
    expect(figureOf(findings, "batch opportunity monthly saving")).toBeUndefined();
    expect(figureOf(findings, "batch opportunity saving in the window")).toBe(5);
  });

  it("of a moment has no portfolio and no plan", async () => {
    const found = await portfolio(patient(2, 1), { target_pct: 10 });
    expect(found).toMatchObject({ portfolio: null, findings: [] });
    expect(found.answer).toMatchObject({
      value: null,
      not_assessable: expect.stringContaining("a day at least"),
      summary: expect.stringMatching(/^\*\*Not assessable\*\*/),
    });
    const { answer, findings } = await askTool(actionPlan, patient(2, 1), { prices: PRICES });
    expect(answer).toMatchObject({
      value: null,
      steps: [],
      not_assessable: expect.stringContaining("a day at least"),
    });
    expect(findings).toEqual([]);
  });

  it("of under a week has no interval, and no target is reached by it", async () => {
    // Three days and a millisecond: $40 spent, $20 saved.
    const records = patient(4, 24);
    const { answer, findings } = await batch(records);
    expect(answer.value).toBeCloseTo((20 / 3) * 30.4375, 3);
    expect(answer.interval).toBeNull();
    expect(findings[0]).toMatchObject({ unit: "USD a month", interval: null });
    expect(answer.assumptions.join(" ")).toMatch(/under 7 they say nothing of how days differ/);
    const found = await portfolio(records, { target_pct: 10 });
    expect(found.answer.interval).toBeNull();
    expect(found.findings.filter(({ interval }) => interval !== null)).toEqual([]);
    expect(found.portfolio?.target).toMatchObject({ reached: false, supported_pct: 0 });
    expect(found.portfolio?.monthly_usd).toMatchObject({
      low: 0,
      high: found.portfolio?.current_monthly_usd,
    });
  });

  it("of a week on has the bounds that its days give", async () => {
    const { answer } = await batch(patient(8, 24));
    expect(answer.interval?.low).toBeLessThanOrEqual(answer.value ?? 0);
    expect(answer.assumptions.join(" ")).toContain("the bounds hold the spread of its days (95 %)");
    const found = await portfolio(patient(8, 24), { target_pct: 10 });
    expect(found.portfolio?.target?.reached).toBe(true);
  });
});

describe("the days of a month", () => {
  it("are those of the records, whatever lies before and after them in the window", async () => {
    const { answer } = await batch(patient(10, 24), {
      window: { from: "2026-10-01", to: "2026-12-01" },
    });
    const plain = await batch(patient(10, 24));
    expect(answer.value).toBe(plain.answer.value);
    expect(answer.interval).toEqual(plain.answer.interval);
    // Every day is like the others, so there is no spread: not even of days before records began.
    expect(answer.interval?.low).toBeGreaterThan(0.8 * (answer.value ?? 0));
  });
});

describe("more calls than a replay takes", () => {
  /** The records' sums, each times so many: the calls themselves are not worth keeping here. */
  const crowded = (times: number) => (tools: UsageTools) =>
    batchOpportunityTool({
      ...tools,
      usage: {
        ...tools.usage,
        async groups(scope, by) {
          const groups = await tools.usage.groups(scope, by);
          return groups.map(({ key, sums }) => ({
            key,
            sums: { ...sums, records: times * sums.records, requests: times * sums.requests },
          }));
        },
      },
    });

  it("in one day can't be assessed, and a filter would help", async () => {
    const { answer, findings } = await askTool(crowded(20_000), patient(48, 1), { prices: PRICES });
    expect(answer).toMatchObject({
      value: null,
      interval: null,
      not_assessable: expect.stringMatching(/at most 250,000 calls.* A filter by feature/),
    });
    expect(figureOf(findings, "batch opportunity saving in the window")).toBeUndefined();
  });

  it("are cut to whole days, without the one that is not over", async () => {
    // Ten calls a day, each told as 10,000: two days have room, and the last one ends at 02:24.
    const { answer } = await askTool(crowded(10_000), patient(52, 2.4), { prices: PRICES });
    expect(answer.window).toEqual({
      from: "2026-10-23T00:00:00.000Z",
      to: "2026-10-25T00:00:00.000Z",
    });
    expect(answer.value).toBeCloseTo((100 / 2) * 30.4375, 6);
    expect(answer.assumptions.join(" ")).toContain("cut to its last 2 days that are over");
  });
});

describe("sums of calls alone", () => {
  const sums = patient(8, 24).map((record) => ({
    ...record,
    granularity: "bucket" as const,
    n_requests: 500,
  }));

  it("have no portfolio: not $0, but nothing that can be said, and why", async () => {
    const found = await portfolio(sums);
    expect(found).toMatchObject({ portfolio: null, findings: [] });
    expect(found.answer).toMatchObject({
      value: null,
      not_assessable: expect.stringMatching(/^Not assessable: none of the levers is/),
    });
    expect(found.answer.not_assessable).toContain("no record says that nobody waits for it");
    const { answer, findings } = await askTool(actionPlan, sums, { prices: PRICES });
    expect(answer).toMatchObject({ value: null, steps: [] });
    expect(answer.not_assessable).toMatch(/^Not assessable/);
    expect(findings).toEqual([]);
  });

  it("show no cheaper model's price gap either", async () => {
    const { answer, findings } = await askTool(rightsizeSimulate, sums, {
      prices: PRICES,
      args: { from: "claude-large", to: "claude-small" },
    });
    expect(answer).toMatchObject({
      value: null,
      not_assessable: expect.stringMatching(/^Not assessable: no single call/),
    });
    expect(findings).toEqual([]);
  });
});

describe("a cheaper model", () => {
  it.each([
    [
      "that nobody calls",
      { from: "claude-medium", to: "claude-small" },
      /no single call.*claude-medium/,
    ],
    [
      "without a known price",
      { from: "claude-large", to: "self-made" },
      /self-made has no known price/,
    ],
  ])("%s gives no figure", async (_, args, reason) => {
    const asked = { prices: PRICES, args };
    const { answer, findings } = await askTool(rightsizeSimulate, patient(8, 24), asked);
    expect(answer).toMatchObject({ value: null, not_assessable: expect.stringMatching(reason) });
    expect(findings).toEqual([]);
  });

  it.each([
    ["anthropic", "claude-haiku-4-5", "anthropic"],
    ["anthropic", "gpt-5.4-mini", "openai"],
    ["azure", "claude-haiku-4-5", "anthropic"],
    ["azure", "gpt-5.4-mini", "azure"],
    ["azure", "self-made", "azure"],
    ["azure", "claude-seen-at-aws", "aws"],
  ])("of calls by %s, %s is %s's", (provider, to, expected) => {
    const from = provider === "anthropic" ? "claude-opus-5-5" : "gpt-5.4";
    const workload = workloadOf([
      call({ provider, request_model: from }),
      call({ record_id: "aws", provider: "aws", request_model: "claude-seen-at-aws" }),
    ]);
    expect(moveOf(workload, from, to, [], "classifier").to.provider).toBe(expected);
  });
});

describe("what a replay leaves out is told:", () => {
  it("requests that are known only as parts of sums, by how many they are", async () => {
    const bucket = (n_requests: number) =>
      call({ record_id: `bucket-${n_requests}`, ts: START, granularity: "bucket", n_requests });
    const ten = await batch([...patient(3, 24), bucket(10)]);
    expect(ten.answer.assumptions).toContain(
      "10 requests are known only as parts of sums: no replay can use those records.",
    );
    const one = await batch([...patient(3, 24), bucket(1)]);
    expect(one.answer.assumptions).toContain(
      "1 request is known only as part of a sum: no replay can use those records.",
    );
    const none = await batch(patient(3, 24));
    expect(none.answer.assumptions.join()).not.toContain("of a sum");
  });

  it("features past the ten that save most", async () => {
    const records = patient(12, 24).map((record, index) => ({ ...record, feature: `f${index}` }));
    const { answer } = await batch(records);
    expect(answer).toMatchObject({ features_left_out: 2 });
    expect(answer.features).toHaveLength(10);
    expect(answer.summary).toContain("The table has the first 10 of 12.");
    expect((await batch(records.slice(0, 10))).answer.summary).not.toContain("The table has");
  });

  it("evaluated pairs of models past the twelve with most items", async () => {
    const pairs = Array.from({ length: 14 }, (_, index) => ({
      from_model: `from-${index}`,
      to_model: "to",
      evaluation_set: "set",
      feature: null,
      items: 300,
    }));
    const { answer } = await askTool(portfolioRoi, patient(10, 24), { prices: PRICES, pairs });
    expect(answer.assumptions.join(" ")).toContain("2 more were not, and are in no saving");
  });
});
