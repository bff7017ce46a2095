/** The team as the demo plays it: the whole graph by rule, and honest about what is not there. */
import { describe, expect, test } from "vitest";
import { supervisor } from "../../../src/agents/supervisor.ts";
import { teamOf } from "../../../src/agents/team.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { demoModel } from "../../../src/models/demo.ts";
import { RunWorld } from "../core/run-world.ts";
import { toolOf } from "../core/scripted-tools.ts";

const QUESTION = "Cut our AI costs by 30 % without hurting latency";

/** A tool whose result is told by its summary. */
const telling = (name: string, fields: Partial<Tool> = {}) =>
  toolOf({
    name,
    parameters: {
      type: "object",
      properties: { target_pct: { type: "number" }, no_latency_cost: { type: "boolean" } },
    },
    execute: async () => ({
      output: { n_records: 200_000, summary: `${name} says so.` },
      findings: [
        {
          name: "value",
          value: 1,
          unit: "USD",
          interval: null,
          n_records: 200_000,
          basis: "measured",
        },
      ],
    }),
    ...fields,
  });

function worldOf(tools: readonly Tool[], question = QUESTION) {
  const model = demoModel({ paceMs: 0, clock: systemClock });
  const team = teamOf(supervisor, tools, "2026-11-21");
  return new RunWorld({ model, tools, ...(team && { team }), question });
}

const NAMES = ["usage_summary", "cost_breakdown", "portfolio_roi", "action_plan"];

describe("the main question", () => {
  test("runs", async () => {
    const world = worldOf(NAMES.map((name) => telling(name)));
    await world.live();
    for (const e of world.events)
      console.log(e.context.agent, e.type, JSON.stringify(e.data).slice(0, 400));
    console.log(world.text);
    expect(world.end.status).toBe("completed");
  });
});
