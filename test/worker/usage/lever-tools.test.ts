/** The savings tools over the sample company in D1: what they answer, what they leave out, how large it is. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { ToolFinding } from "../../../src/core/tool.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { ActionStep, Portfolio } from "../../../src/protocol/optimization.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { LeverAnswer } from "../../../src/tools/lever-answer.ts";
import { UsageAnswer } from "../../../src/tools/usage-answer.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { d1WorkspaceStore } from "../../../src/usage/d1-workspace-store.ts";
import { sampleEvaluations, sampleProfile } from "../../../src/usage/sample/stated.ts";
import { SAMPLE_WORKSPACE, sampleRecords } from "../../../src/usage/sample.ts";
import type { UsageStore } from "../../../src/usage/store.ts";
import { toolContext } from "../../unit/tools/context.ts";
import { usageRecord } from "../../unit/usage/records.ts";

const DAY = 24 * 60 * 60_000;
const endsAt = Date.UTC(2026, 10, 16, 7);
const clock: Clock = { ...systemClock, now: () => endsAt };
const usage = d1UsageStore(env.DB);
const workspaces = d1WorkspaceStore(env.DB);
let scans = 0;
const counting: UsageStore = {
  ...usage,
  scan(scope) {
    scans += 1;
    return usage.scan(scope);
  },
};
const tools = toolCatalog({ usage: counting, workspaces, clock });

const LEVER_TOOLS = [
  ["prompt_cache_opportunity", {}],
  ["duplicate_response_opportunity", {}],
  ["batch_opportunity", {}],
  ["trim_opportunity", { what: "output" }],
  ["rightsize_simulate", { from: "claude-opus-5-5", to: "claude-haiku-4-5" }],
] as const satisfies readonly (readonly [string, Json])[];
const PORTFOLIO_TOOLS = ["portfolio_roi", "action_plan"] as const;

async function call(name: string, args: Json = {}) {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  const result = await tool.execute(args, toolContext());
  expect(JSON.stringify(result.output).length).toBeLessThan(32 * 1024);
  return result;
}

async function lever(name: string, args: Json = {}) {
  const { output, findings } = await call(name, args);
  return { answer: LeverAnswer.loose().parse(output), findings };
}

const PortfolioAnswer = UsageAnswer.extend({ portfolio: Portfolio });
const PlanAnswer = UsageAnswer.extend({ steps: z.array(ActionStep) });

const namesOf = (findings: readonly ToolFinding[]) => findings.map(({ name }) => name);

describe("before any record is there", () => {
  it.each([...LEVER_TOOLS, ...PORTFOLIO_TOOLS.map((name) => [name, {}] as const)])(
    "%s gives no figure",
    async (name, args) => {
      const { output, findings } = await call(name, args);
      expect(findings.filter(({ value }) => value !== 0)).toEqual([]);
      expect(UsageAnswer.parse(output)).toMatchObject({
        value: null,
        n_records: 0,
        summary: expect.stringContaining("no records in this window"),
      });
    },
  );
});

describe("with sums of calls alone", () => {
  const bucket = {
    workspace_id: "user_user-1",
    ts: endsAt - DAY,
    granularity: "bucket",
    n_requests: 500,
    prompt_hmac: null,
  } as const;

  it("each lever says that it is not assessable, and why", async () => {
    const workspaceId = toolContext().workspaceId;
    await usage.ingest([usageRecord({ ...bucket, workspace_id: workspaceId })]);
    for (const name of [
      "prompt_cache_opportunity",
      "duplicate_response_opportunity",
      "batch_opportunity",
      "trim_opportunity",
    ]) {
      const { answer, findings } = await lever(name, { workspace: "own" });
      expect(answer.value).toBeNull();
      expect(answer.not_assessable).toMatch(/^Not assessable/);
      expect(answer.assumptions.join(" ")).toMatch(/known only as parts of sums/);
      expect(namesOf(findings)).not.toContain(`${name.replaceAll("_", " ")} monthly saving`);
    }
  });
});

describe("with the sample company", () => {
  const sample = { workspace: "sample", window: { from: "2026-11-09", to: "2026-11-16" } } as const;

  beforeAll(async () => {
    await usage.ingest([...sampleRecords({ endsAt, days: 7, scale: 0.2 })]);
    await workspaces.saveProfile(SAMPLE_WORKSPACE, sampleProfile);
    await workspaces.saveEvaluations(SAMPLE_WORKSPACE, sampleEvaluations({ endsAt }));
  }, 120_000);

  it.each(LEVER_TOOLS)(
    "%s answers with a saving, its bounds and its records",
    async (name, args) => {
      const { answer, findings } = await lever(name, { ...args, ...sample });
      expect(answer.value).toBeGreaterThan(0);
      expect(answer.interval?.low).toBeLessThanOrEqual(answer.value ?? 0);
      expect(answer.interval?.high).toBeGreaterThanOrEqual(answer.value ?? 0);
      expect(answer.left_out).toBeNull();
      expect(answer.evidence.sample_record_ids.length).toBeGreaterThan(0);
      expect(answer.features[0]?.usd).toBeGreaterThan(0);
      expect(new Set(namesOf(findings)).size).toBe(findings.length);
      const [first] = findings;
      expect(first).toMatchObject({
        unit: "USD a month",
        value: answer.value,
        interval: answer.interval,
      });
    },
  );

  it("the window is read once for all of them", async () => {
    scans = 0;
    await lever("batch_opportunity", { ...sample, filters: { environment: "staging" } });
    await lever("prompt_cache_opportunity", { ...sample, filters: { environment: "staging" } });
    await call("portfolio_roi", { ...sample, filters: { environment: "staging" } });
    expect(scans).toBe(1);
    await lever("batch_opportunity", sample);
    expect(scans).toBe(2);
  });

  it("a model that fails its evaluations is in no total", async () => {
    const { answer } = await lever("rightsize_simulate", {
      ...sample,
      from: "claude-opus-5-5",
      to: "claude-haiku-4-5",
      evaluation_set: "review-findings",
    });
    expect(answer.left_out).toMatch(/may pass only/);
    expect(answer.summary).toContain("It counts in no total");
    const ofFeature = await lever("rightsize_simulate", {
      ...sample,
      filters: { feature: "code-review" },
      from: "claude-opus-5-5",
      to: "claude-haiku-4-5",
    });
    expect(ofFeature.answer).toMatchObject({
      evaluation_set: "review-findings",
      left_out: expect.stringMatching(/may pass only/),
    });
    const unknown = await lever("rightsize_simulate", {
      ...sample,
      from: "gpt-5.4",
      to: "gpt-5.4-mini",
    });
    expect(unknown.answer.left_out).toMatch(/price gap only, quality unknown/);
  });

  it("the portfolio adds up to less than its levers alone, and returns on its costs", async () => {
    const { output, findings } = await call("portfolio_roi", { ...sample, target_pct: 10 });
    const { portfolio, summary, value } = PortfolioAnswer.parse(output);
    const inside = portfolio.levers.filter(({ left_out }) => left_out === null);
    expect(new Set(inside.map((one) => one.lever)).size).toBe(5);
    expect(portfolio.monthly_usd.value).toBeLessThan(portfolio.sum_of_alone_monthly_usd);
    expect(portfolio.monthly_usd.value).toBeCloseTo(
      inside.reduce((sum, { monthly_usd }) => sum + monthly_usd.value, 0),
      3,
    );
    expect(value).toBe(portfolio.monthly_usd.value);
    expect(portfolio.roi).not.toBeNull();
    expect(portfolio.target).toMatchObject({ wanted_pct: 10, reached: true, needs: null });
    expect(portfolio.levers.some(({ left_out }) => left_out?.includes("may pass only"))).toBe(true);
    expect(namesOf(findings)).toEqual(expect.arrayContaining(inside.map(({ fact }) => fact)));
    expect(new Set(namesOf(findings)).size).toBe(findings.length);
    expect(summary).toContain("The evidence supports");
  });

  it("a target out of reach is told plainly", async () => {
    const { output } = await call("portfolio_roi", {
      ...sample,
      target_pct: 95,
      no_latency_cost: true,
    });
    const { portfolio, summary } = PortfolioAnswer.parse(output);
    expect(portfolio.target?.reached).toBe(false);
    expect(summary).toMatch(
      /^\*\*The evidence supports [\d.]+%\*\*, not the 95% asked for\. .*\$[\d.,]+ a month more/,
    );
  });

  it("the plan ranks steps that each have an owner, a check and a way back", async () => {
    const { output, findings } = await call("action_plan", { ...sample, target_pct: 30 });
    const { steps, summary } = PlanAnswer.parse(output);
    expect(steps.length).toBeGreaterThanOrEqual(3);
    expect(steps.map(({ position }) => position)).toEqual(steps.map((_, index) => index + 1));
    for (const step of steps) {
      expect(namesOf(findings)).toEqual(expect.arrayContaining(step.facts));
      expect(step.owner).toMatch(/^Team \w+, for /);
      expect(step.guard.n_per_arm).toBeGreaterThan(0);
    }
    expect(summary).toContain("together they surely save");
  });
});
