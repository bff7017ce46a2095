/** The team with a model behind an endpoint: the same graph, planned and worked by what comes over HTTP. */
import { expect, test } from "vitest";
import { supervisor } from "../../../src/agents/supervisor.ts";
import { teamOf } from "../../../src/agents/team.ts";
import { expectWhole, RunWorld } from "../core/run-world.ts";
import { toolOf } from "../core/scripted-tools.ts";
import { serveModels } from "./endpoint.ts";

const scripted = serveModels();

const AGENTS = ["supervisor", "triage", "data", "optimization", "actions", "reporting"];

const triaged = {
  category: "cost_optimization",
  priority: "high",
  complexity: "moderate",
  confidence: 0.9,
  intent: "To lower the cost of the chat.",
  entities: { features: ["chat"], target_pct: 30 },
  data_sufficiency: "enough",
  data_reason: "40 records.",
  facts: ["usage_summary.cost"],
};
const submit = (part: string, output: object) => ({
  tool_calls: [{ name: `submit_${part}`, arguments: output }],
});
const tools = ["usage_summary", "portfolio_roi", "action_plan"].map((name) => toolOf({ name }));

test("runs the declared graph, mends what does not fit, and streams the last part's words", async () => {
  const { model, requests } = scripted([
    {
      tool_calls: [
        {
          name: "delegate",
          arguments: { reason: "It asks for savings.", request: "Lower the cost of the chat." },
        },
      ],
    },
    { tool_calls: [{ name: "usage_summary", arguments: {} }] },
    submit("triage", triaged),
    submit("data", { observations: "none" }),
    submit("data", { observations: [] }),
    { tool_calls: [{ name: "portfolio_roi", arguments: {} }] },
    submit("optimization", { opportunities: [], together: null }),
    submit("actions", { statement: "Nothing to do.", steps: [] }),
    { text: "The chat costs {{fact:usage_summary.cost}}." },
  ]);
  const team = teamOf(supervisor, tools, "2026-11-21");
  const world = new RunWorld({ model, tools, ...(team && { team }) });
  await world.live();
  expectWhole(world, AGENTS);
  expect(world.end).toMatchObject({
    status: "completed",
    final_response: expect.stringMatching(/^The chat costs \$12\.50/),
  });
  expect(world.only("handoff").map(({ data }) => data.to)).toEqual([
    "triage",
    "supervisor",
    "data",
    "supervisor",
    "optimization",
    "supervisor",
    "actions",
    "supervisor",
    "reporting",
    "supervisor",
  ]);
  expect(requests()[4]?.body.messages.at(-1)).toMatchObject({
    role: "tool",
    content: expect.stringContaining("observations"),
  });
  const offered = requests().map(({ body }) => body.tools.at(-1)?.function.name);
  expect(offered).toEqual([
    "delegate",
    "submit_triage",
    "submit_triage",
    "submit_data",
    "submit_data",
    "submit_optimization",
    "submit_optimization",
    "submit_actions",
    undefined,
  ]);
});

test("counts what triage says of the records no further than its tools have seen them", async () => {
  const { model } = scripted([
    { tool_calls: [{ name: "delegate", arguments: { reason: "Savings.", request: "Save." } }] },
    submit("triage", { ...triaged, facts: [] }),
  ]);
  const team = teamOf(supervisor, tools, "2026-11-21");
  const world = new RunWorld({ model, tools, ...(team && { team }) });
  await world.live();
  const parts = world.only("handoff").map(({ data }) => data.to);
  expect(parts).toContain("data-helper");
  expect(parts).not.toContain("optimization");
});
