/** What the tools take as arguments, what they refuse by name, and how they announce a call. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { toolCatalog } from "../../../src/tools/catalog.ts";
import { absentStore, absentWorkspaces } from "../usage/absent-store.ts";
import { toolContext } from "./context.ts";

const tools = toolCatalog({
  usage: absentStore(),
  workspaces: absentWorkspaces(),
  clock: systemClock,
});
const context = toolContext();

function toolNamed(name: string) {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool;
}

const refusals: [tool: string, args: Json, named: string][] = [
  ["usage_summary", { windows: {} }, "windows"],
  ["usage_summary", { filters: { region: "eu" } }, "region"],
  ["usage_summary", { filters: { team: "" } }, "filters.team"],
  ["usage_summary", { window: { from: "yesterday" } }, "window.from"],
  ["usage_summary", { window: { from: "2026-02-30" } }, "window.from"],
  ["usage_summary", { window: { from: "1969-07-20" } }, "window.from"],
  ["usage_summary", { window: { from: "2026-11-02", to: "2026-11-01" } }, "window.from"],
  ["usage_summary", { window: { from: "2026-11-01", to: "2026-11-01T00:00:00Z" } }, "window.from"],
  ["usage_summary", { window: { last_days: 0 } }, "window.last_days"],
  ["usage_summary", { window: { last_days: 367 } }, "window.last_days"],
  ["usage_summary", { window: { last_days: 1.5 } }, "window.last_days"],
  ["usage_summary", { window: { from: "2026-11-01", last_days: 7 } }, "window.last_days"],
  ["usage_summary", "everything", "(root)"],
  ["cost_breakdown", { dimensions: ["region"] }, "dimensions.0"],
  ["cost_breakdown", { dimensions: [] }, "dimensions"],
  ["cost_breakdown", { dimensions: ["model", "team", "user", "day"] }, "dimensions"],
  ["cost_breakdown", { dimensions: ["model", "model"] }, "dimensions"],
  ["cost_breakdown", { top: 51 }, "top"],
  ["usage_summary", { workspace: "user-2" }, "workspace"],
  ["usage_summary", { window: { time_zone: "Mars/Olympus" } }, "window.time_zone"],
  ["latency_percentiles", { p: [] }, "p"],
  ["latency_percentiles", { p: [0] }, "p.0"],
  ["latency_percentiles", { p: [99.99] }, "p.0"],
  ["latency_percentiles", { metric: "cost" }, "metric"],
  ["error_retry_waste", { by: "team" }, "by"],
  ["spend_forecast", { horizon_days: 91 }, "horizon_days"],
  ["anomaly_scan", { min_excess_usd: -1 }, "min_excess_usd"],
  ["commitment_utilisation", { capacity_tokens_per_hour: 0 }, "capacity_tokens_per_hour"],
  ["commitment_utilisation", { hourly_price_usd: -2 }, "hourly_price_usd"],
  ["budget_alert", { limit_usd: 0 }, "limit_usd"],
  ["budget_alert", { period: "year" }, "period"],
  ["model_comparison", { models: [] }, "models"],
  ["model_comparison", { models: Array.from({ length: 11 }, (_, n) => `m${n}`) }, "models"],
];

describe("a usage tool", () => {
  it.each(refusals)("%s refuses %j and names %s", async (name, args, named) => {
    const tool = toolNamed(name);
    const error: unknown = await tool.execute(args, context).catch((thrown) => thrown);
    if (!(error instanceof ApexError)) throw error;
    expect(error.code).toBe("invalid_fields");
    expect(error.message).toContain(named);
    expect(error.message).toContain(`the arguments of ${name}`);
    expect(() => tool.describeCall(args)).toThrow(ApexError);
  });

  it("has a name and a permission of its own", () => {
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    for (const { name, permission } of tools) expect(permission).toBe(`tools:${name}`);
  });

  it("gives its arguments as a JSON Schema that closes every object", () => {
    for (const { parameters } of tools) {
      expect(parameters).toMatchObject({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        additionalProperties: false,
        properties: {
          window: {
            additionalProperties: false,
            properties: { last_days: { type: "integer", minimum: 1, maximum: 366 } },
          },
          workspace: { enum: ["own", "sample"] },
          filters: {
            additionalProperties: false,
            properties: { model: {}, feature: {}, environment: {}, user: {}, team: {} },
          },
        },
      });
    }
  });

  it("takes no argument for granted, but for the models of a right-sizing", () => {
    const demanding = tools.filter(({ parameters }) => "required" in parameters);
    expect(demanding.map(({ name }) => name)).toEqual(["rightsize_simulate"]);
  });

  it("only reads, so that a crash may run it again", () => {
    expect(tools.filter(({ readOnly }) => !readOnly)).toEqual([]);
  });
});

describe("a call is announced", () => {
  it("with the default window where none is asked for", () => {
    expect(toolNamed("usage_summary").describeCall({})).toBe(
      "Sums requests, tokens, cost and errors over the 30 days up to the latest record, to see how much is used and spent.",
    );
  });

  it("with its dimensions, window and filters", () => {
    expect(
      toolNamed("cost_breakdown").describeCall({
        dimensions: ["team", "day"],
        window: { last_days: 7, to: "2026-11-15" },
        filters: { environment: "production", model: "gpt-5.4" },
      }),
    ).toBe(
      'Breaks the cost down by team and day over the 7 days up to 2026-11-15T00:00:00.000Z, only model "gpt-5.4" and environment "production", to see where the money goes and why that changed.',
    );
  });

  it.each(tools.map(({ name }) => name).filter((name) => name !== "rightsize_simulate"))(
    "%s: in a sentence that says why",
    (name) => {
      expect(toolNamed(name).describeCall({})).toMatch(/^[A-Z].{40,}, to .+\.$/);
    },
  );

  it("with its models, from a moment to the latest record", () => {
    expect(
      toolNamed("model_comparison").describeCall({
        models: ["gpt-5.4", "claude-sonnet-5"],
        window: { from: "2026-11-01T02:00:00+02:00" },
      }),
    ).toContain(
      "gpt-5.4, claude-sonnet-5 by cost, errors and latency from 2026-11-01T00:00:00.000Z",
    );
  });
});
