/** The tools over D1: whose records they read, and that they say what they say over plain loops. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { ToolContext } from "../../../src/core/tool.ts";
import { UserId, workspaceOf } from "../../../src/protocol/ids.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { DAY_MS, HOUR_MS } from "../../../src/usage/calendar.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { d1WorkspaceStore } from "../../../src/usage/d1-workspace-store.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { NO_PROFILE } from "../../../src/usage/workspace.ts";
import { toolContext } from "../../unit/tools/context.ts";
import { memoryStore } from "../../unit/usage/memory-store.ts";
import { usageRecord } from "../../unit/usage/records.ts";
import { standing } from "../../unit/usage/workspaces.ts";

const mine = workspaceOf(UserId.parse("somebody"), null);
const theirs = workspaceOf(UserId.parse("somebody-else"), null);
const start = Date.UTC(2026, 8, 1);
const days = 45;

/** Forty-five days of calls every half hour, with failures, retries, a spike and a model without a price. */
function recordsOf(workspaceId: string): UsageRecord[] {
  return Array.from({ length: days * 48 }, (_, index) => {
    const day = Math.floor(index / 48);
    return usageRecord({
      workspace_id: workspaceId,
      record_id: `call-${index}`,
      ts: start + (index * HOUR_MS) / 2,
      feature: index % 3 === 0 ? "chat" : null,
      request_model: index % 50 === 0 ? "self-hosted-llm" : "gpt-5.4",
      provider: index % 50 === 0 ? "self-hosted" : "openai",
      input_tokens: 100_000 + 1_000 * (index % 17) + (day === 40 ? 2_000_000 : 0),
      latency_ms: index % 11 === 0 ? null : 100 + ((index * 37) % 1_000),
      status: index % 20 === 0 ? "error" : "ok",
      error_type: index % 20 === 0 ? "timeout" : null,
      logical_request_id: `request-${index - (index % 2)}`,
      attempt: index % 14 === 1 ? 2 : 1,
    });
  });
}

const clock: Clock = { ...systemClock, now: () => start + days * DAY_MS };
const usage = d1UsageStore(env.DB);
const workspaces = d1WorkspaceStore(env.DB);
const tools = toolCatalog({ usage, workspaces, clock });
const records = recordsOf(mine);
const inMemory = toolCatalog({ usage: memoryStore(records), workspaces, clock });

const contextOf = (workspaceId: ToolContext["workspaceId"]): ToolContext => ({
  ...toolContext(AbortSignal.timeout(30_000)),
  workspaceId,
});

const questions: [tool: string, args: Json][] = [
  ["usage_summary", {}],
  ["cost_breakdown", { dimensions: ["feature", "hour"], window: { last_days: 20 } }],
  ["latency_percentiles", { p: [50, 95, 99] }],
  ["error_retry_waste", {}],
  ["error_retry_waste", { filters: { feature: "chat" } }],
  ["spend_forecast", {}],
  ["spend_forecast", { window: { time_zone: "America/New_York" } }],
  ["anomaly_scan", { min_excess_usd: 0.01 }],
  ["commitment_utilisation", { capacity_tokens_per_hour: 250_000, hourly_price_usd: 0.5 }],
  ["budget_alert", {}],
];

async function ask(catalog: typeof tools, name: string, args: Json, context: ToolContext) {
  const tool = catalog.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool.execute(args, context);
}

beforeAll(async () => {
  await usage.ingest(records);
  await usage.ingest(records.slice(0, 500));
  await standing(env.DB, mine, theirs);
  await workspaces.saveProfile(mine, { ...NO_PROFILE, monthly_budget_usd: 500 });
  await workspaces.saveProfile(theirs, { ...NO_PROFILE, monthly_budget_usd: 7 });
});

describe("records of other people", () => {
  it.each(questions)("are not read by %s %j", async (name, args) => {
    const { output, findings } = await ask(tools, name, args, contextOf(theirs));
    expect(output).toMatchObject({ value: null, n_records: 0 });
    expect(findings).toEqual([]);
  });

  it.each(tools.map(({ name }) => name))("are refused by %s, named by their id", async (name) => {
    for (const workspace of [mine, "sample' OR '1'='1", ""]) {
      await expect(ask(tools, name, { workspace }, contextOf(theirs))).rejects.toMatchObject({
        code: "invalid_fields",
      });
    }
  });
});

describe("records of one's own", () => {
  it.each(questions)("say over D1 what they say over plain loops: %s %j", async (name, args) => {
    const [stored, looped] = await Promise.all(
      [tools, inMemory].map((catalog) => ask(catalog, name, args, contextOf(mine))),
    );
    expect(stored?.output).toMatchObject({ not_assessable: null });
    expect(stored?.findings.length).toBeGreaterThan(0);
    expect(close(stored)).toEqual(close(looped));
  });
});

/** Figures to six digits: a sum of fractions depends on the order they are added in. */
function close(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part) =>
      typeof part === "number" ? Number(part.toPrecision(6)) : part,
    ),
  );
}
