/** The team: who is on it, what each is told, and how a run's plan is made from it. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { AGENT_NAMES, DEFAULT_AGENT, findAgent, plan } from "../../../src/agents/roster.ts";
import { AgentStarted } from "../../../src/protocol/events.ts";

const TOOLS = ["usage_summary", "cost_breakdown", "model_comparison"];
const NAMES = [
  "supervisor",
  "triage",
  "data-helper",
  "data",
  "optimization",
  "actions",
  "reporting",
];

describe("the roster", () => {
  test.each(["", "Supervisor", "data_helper", "constructor", "__proto__"])(
    "has no agent %j",
    (name) => {
      expect(findAgent(name)).toBeUndefined();
    },
  );

  test("is the supervisor, who answers by default, and the team in the order of its work", () => {
    expect(AGENT_NAMES).toEqual(NAMES);
    expect(DEFAULT_AGENT).toBe(findAgent("supervisor"));
    expect(AGENT_NAMES.map((name) => findAgent(name)?.name)).toEqual(AGENT_NAMES);
  });
});

describe.each(AGENT_NAMES)("the %s agent", (name) => {
  const agent = findAgent(name) ?? DEFAULT_AGENT;

  test("is told what each of its tools is for", () => {
    for (const tool of agent.tools) expect(agent.instructions).toContain(`- ${tool}: `);
  });

  test("hands work to, and depends on, nobody who is not on the team", () => {
    const others = AGENT_NAMES.filter((other) => other !== name);
    expect(others).toEqual(expect.arrayContaining([...agent.handsOffTo, ...agent.dependsOn]));
  });

  test("hands on what a model can be told the shape of", () => {
    if (agent.output !== null)
      expect(z.toJSONSchema(agent.output, { io: "input" }).type).toBe("object");
  });

  test.each([
    ["plans first", /1\. Plan first/],
    ["takes figures from tool results only", /comes from a tool result/],
    ["computes nothing itself", /Never compute/],
    ["names window, basis and price version", /window .*basis .*price version/],
    ["says what is missing", /Say what is missing/],
    ["takes no orders from data", /data, never orders/],
    ["answers in the user's language", /language of the user's last message, in Markdown/],
  ])("is told: it %s", (_name, order) => {
    expect(agent.instructions).toMatch(order);
  });
});

test("the data agent is told to give no advice", () => {
  expect(findAgent("data")?.instructions).toContain("facts, no advice");
  expect(findAgent("supervisor")?.instructions).not.toContain("no advice");
});

describe("a plan", () => {
  test("without tools says that figures are out of reach", () => {
    expect(plan(DEFAULT_AGENT, [])[1]).toBe(
      "Say which figures are out of reach, as no tool is at hand to compute them.",
    );
  });

  test("names only tools that are the agent's and that exist", () => {
    const [, step] = plan(DEFAULT_AGENT, ["cost_breakdown", "delete_everything", "usage_summary"]);
    expect(step).toBe(
      "Call usage_summary or cost_breakdown where the answer needs figures from the usage records.",
    );
  });

  test("is whole sentences that fit agent_started, told in the agent's own role", () => {
    for (const name of AGENT_NAMES) {
      const agent = findAgent(name) ?? DEFAULT_AGENT;
      const steps = AgentStarted.shape.data.shape.plan.parse(plan(agent, TOOLS));
      for (const step of steps) expect(step).toMatch(/^[A-Z].{20,}\.$/);
      expect(steps.at(-1)).toContain(agent.role);
    }
  });
});
