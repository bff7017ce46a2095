/** The team as the demo plays it: the whole graph by rule, and honest about what is not there. */
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { supervisor } from "../../../src/agents/supervisor.ts";
import { teamOf } from "../../../src/agents/team.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { demoModel } from "../../../src/models/demo.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import type { Portfolio } from "../../../src/protocol/optimization.ts";
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

/** One lever, as the joint replay tells it. */
const PORTFOLIO: z.infer<typeof Portfolio> = {
  current_monthly_usd: 100,
  levers: [
    {
      lever: "right_size",
      title: "Serve calls by a smaller model",
      subject: null,
      monthly_usd: { value: 10, low: 8, high: 12 },
      alone_monthly_usd: 10,
      n_records: 5,
      latency_effect: "better",
      basis: "simulated",
      assumptions: [],
      left_out: null,
      fact: "saving of right size beside the others",
    },
  ],
  monthly_usd: { value: 10, low: 8, high: 12 },
  saving_pct: { value: 10, low: 8, high: 12 },
  sum_of_alone_monthly_usd: 10,
  efficiency_gain_pct: null,
  roi: null,
  roi_formula: "",
  target: null,
};

function worldOf(tools: readonly Tool[], question = QUESTION) {
  const model = demoModel({ paceMs: 0, clock: systemClock });
  const team = teamOf(supervisor, tools, "2026-11-21");
  return new RunWorld({ model, tools, ...(team && { team }), question });
}

const NAMES = [
  "usage_summary",
  "cost_breakdown",
  "latency_percentiles",
  "error_retry_waste",
  "spend_forecast",
  "anomaly_scan",
  "portfolio_roi",
  "prompt_cache_opportunity",
  "duplicate_response_opportunity",
  "batch_opportunity",
  "trim_opportunity",
  "action_plan",
];
const TOOLS = NAMES.map((name) => telling(name));

/** @returns how often each agent called which tools, and who worked. */
async function played(tools: readonly Tool[], question?: string) {
  const world = worldOf(tools, question);
  await world.live();
  const parts = world
    .only("handoff")
    .flatMap(({ data }) => (data.from === "supervisor" ? data.to : []));
  const calls = world
    .only("tool_executing")
    .map(({ context, data }) => `${context.agent} ${data.tool_name}`);
  return { world, parts, calls };
}

describe("the main question", () => {
  test("runs the whole graph, each part by the tools it is for", async () => {
    const { world, parts, calls } = await played(TOOLS);
    expect(parts).toEqual(["triage", "data", "optimization", "actions", "reporting"]);
    expect(calls).toEqual([
      "triage usage_summary",
      ...NAMES.slice(0, 6).map((name) => `data ${name}`),
      ...NAMES.slice(6, 11).map((name) => `optimization ${name}`),
      "actions action_plan",
    ]);
    expect(world.end).toMatchObject({ status: "completed" });
    expect(world.text).toMatch(
      /portfolio_roi says so[\s\S]*action_plan says so[\s\S]*anomaly_scan says so/,
    );
  });

  test("gives the target and the limit to the tools that know them", async () => {
    const { world } = await played(TOOLS);
    const portfolio = world
      .only("tool_executing")
      .find(({ data }) => data.tool_name === "portfolio_roi");
    expect(portfolio?.data.arguments).toEqual({ target_pct: 30, no_latency_cost: true });
  });

  test("is told in thoughts that name the case", async () => {
    const { world } = await played(TOOLS);
    const thoughts = world.only("agent_thinking").map(({ data }) => data.reasoning);
    expect(thoughts).toContainEqual(
      "Triage reads it as cost optimization (priority high, complex, confidence 0.9): To lower the cost by 30 %, with no loss of latency. It names a target of 30 % and no loss of latency. The records carry the whole analysis: usage_summary counted 200,000 records. So the work goes to data, optimization, actions and reporting.",
    );
  });

  test("skips tools that are not there, and says so", async () => {
    const { world, calls } = await played(TOOLS.filter(({ name }) => name !== "batch_opportunity"));
    expect(calls).not.toContain("optimization batch_opportunity");
    expect(world.text).toContain("- **Batch**: batch_opportunity is not at hand here");
  });

  describe("with a tool that needs two models, which nobody named", () => {
    const rightSizing = telling("rightsize_simulate", {
      parameters: {
        type: "object",
        properties: { from: { type: "string" }, to: { type: "string" } },
        required: ["from", "to"],
      },
    });
    const others = TOOLS.filter(({ name }) => name !== "portfolio_roi");

    test("says what it would take, where no other tool has it in", async () => {
      const { world } = await played([...TOOLS, rightSizing]);
      const why = "rightsize_simulate needs from and to, which the question does not name.";
      expect(world.text).toContain(`- **Smaller models**: ${why}`);
      const thoughts = world.only("agent_thinking").map(({ data }) => data.reasoning);
      expect(thoughts.join()).toContain(why);
    });

    test("misses nothing, where the joint replay has it in", async () => {
      const output = { n_records: 200_000, summary: "All levers.", portfolio: PORTFOLIO };
      const portfolio = telling("portfolio_roi", {
        execute: async () => ({ output, findings: [] }),
      });
      const { world } = await played([...others, portfolio, rightSizing]);
      expect(world.text).toContain("**Serve calls by a smaller model**");
      expect(world.text).not.toContain("What is missing");
    });
  });

  test("says what a tool that fails leaves open, and why", async () => {
    const failing = telling("portfolio_roi", {
      execute: () => Promise.reject(new ApexError("tool_failed", "The replay broke.")),
    });
    const others = TOOLS.filter(({ name }) => name !== "portfolio_roi");
    const { world } = await played([...others, failing]);
    expect(world.end.status).toBe("completed");
    expect(world.text).toContain("- **Savings together**: The replay broke.");
    expect(world.text).toContain("### The plan");
  });
});

describe("what the records carry", () => {
  const counting = (n_records: number) => [
    telling("usage_summary", {
      execute: async () => ({ output: { n_records, summary: "Some." }, findings: [] }),
    }),
  ];

  test.each([
    [0, ["triage", "data-helper", "reporting"]],
    [999, ["triage", "data-helper", "data", "reporting"]],
  ])("decides who works: with %i records", async (n_records, wanted) => {
    const { parts, world } = await played(counting(n_records));
    expect(parts).toEqual(wanted);
    expect(world.text).toContain("POST /api/usage/records");
    expect(world.text).toContain("latency_ms");
  });

  test("is not known where they cannot be counted: the helper and the data agent work", async () => {
    const broken = telling("usage_summary", { execute: () => Promise.reject(new Error("away")) });
    const { parts } = await played([broken]);
    expect(parts).toEqual(["triage", "data-helper", "data", "reporting"]);
  });
});

describe("a question about one thing", () => {
  test.each([
    ["What is our p95 latency?", "latency_percentiles"],
    ["How much do we waste on retries?", "error_retry_waste"],
    ["Forecast our spend for next month", "spend_forecast"],
    ["Any anomalies or spikes lately?", "anomaly_scan"],
    ["How many duplicate requests do we pay for?", "duplicate_response_opportunity"],
    ["What would the batch API save us?", "batch_opportunity"],
    ["What would prompt caching save?", "prompt_cache_opportunity"],
    ["Would trimming save money?", "trim_opportunity"],
    ["What is the ROI of all levers?", "portfolio_roi"],
    ["Give me an action plan", "action_plan"],
    ["What do we spend by feature?", "cost_breakdown"],
  ])("is answered by the one tool for it, without the team: %s", async (question, tool) => {
    const { world, parts, calls } = await played(TOOLS, question);
    expect(parts).toEqual([]);
    expect(calls).toEqual([`supervisor ${tool}`]);
    expect(world.text).toContain(`${tool} says so.`);
  });

  test("about one thing and a share to save is the team's all the same", async () => {
    const { parts } = await played(TOOLS, "Cut 20 % by caching prompts and batching");
    expect(parts).toContain("optimization");
  });
});

test.each([
  ["How can we reduce our costs?", "cost_optimization"],
  ["How can we improve latency?", "performance_optimization"],
  ["Improve the quality of our answers", "quality_optimization"],
  ["Analyze my AI workload", "workload_analysis"],
  ["Recommend a model to switch to", "model_selection"],
  ["Optimise everything", "workload_analysis"],
  ["Recommend something", "general"],
])("triage tells by the words what is asked: %s", async (question, category) => {
  const { world } = await played(TOOLS, question);
  const triage = world.steps.find((step) => step.kind === "part" && step.part === "triage");
  expect(triage).toMatchObject({ status: "completed", output: { category } });
});
