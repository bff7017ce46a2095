/** How the demo model understands questions: its tools, their arguments, and follow-ups. */
import { describe, expect, test } from "vitest";
import { ask, said, user } from "./demo-fixture.ts";

describe("a question it has no tool for", () => {
  test.each(["What is the capital of France?", "", "🤔", "{}"])(
    "is not guessed at: %j",
    async (question) => {
      const { calls, text } = await ask([user(question)]);
      expect(calls).toEqual({});
      expect(text).toContain("I computed none");
      expect(text).toContain("OPENAI_API_KEY");
    },
  );

  test.each(["Hello!", "hi there", "What can you do?", "Thanks a lot"])(
    "gets a direct and honest answer where it is small talk: %j",
    async (question) => {
      const { calls, text } = await ask([user(question)]);
      expect(calls).toEqual({});
      expect(text).toContain("I am the offline demo model");
      expect(text).toContain("no language model");
      expect(text).not.toMatch(/\d/);
    },
  );

  test("gets no figure where the tools for it are not offered", async () => {
    const { calls, text } = await ask([user("What did we spend?")], []);
    expect(calls).toEqual({});
    expect(text).toContain("I have no tool here that computes it");
  });
});

describe("the tools it picks", () => {
  test.each([
    ["How many requests did we send?", ["usage_summary"]],
    ["Show me token usage and errors", ["usage_summary"]],
    ["What do we spend?", ["cost_breakdown"]],
    ["Where does the money go?", ["cost_breakdown"]],
    ["What is the most expensive feature?", ["cost_breakdown"]],
    ["Which model is cheaper?", ["model_comparison"]],
    ["Should we switch to another provider?", ["model_comparison"]],
    ["Compare the latency of our models", ["model_comparison"]],
    ["Usage and cost, please", ["usage_summary", "cost_breakdown"]],
    ["Hello, what did we spend?", ["cost_breakdown"]],
    ["How can we optimise?", ["usage_summary", "cost_breakdown", "model_comparison"]],
    ["Analyze my AI workload", ["usage_summary", "cost_breakdown", "model_comparison"]],
  ])("for %j are %j", async (question, names) => {
    expect(Object.keys((await ask([user(question)])).calls)).toEqual(names);
  });

  test("are explained by the words of the question", async () => {
    const { reasoning } = await ask([user("What did we SPEND on this in the last week?")]);
    expect(reasoning.join("")).toContain(
      'I call cost_breakdown because of "spend": it splits the recorded cost into its parts, over the last 7 days.',
    );
  });
});

describe("the arguments it gives", () => {
  test.each([
    ["in the last 7 days", 7],
    ["last week", 7],
    ["over the past 2 weeks", 14],
    ["last 30 days", 30],
    ["a 90-day view", 90],
    ["this month", 30],
    ["last quarter", 90],
    ["yesterday", 1],
    ["past 24 hours", 1],
    ["last 9999 days", 365],
  ])("look back as asked: cost %s → %i", async (words, last_days) => {
    const { calls } = await ask([user(`Cost ${words}`)]);
    expect(calls.cost_breakdown.window).toEqual({ last_days });
  });

  test.each([
    ["by team", ["team"]],
    ["per feature and model", ["feature", "model"]],
    ["by model, team & day", ["model", "team", "day"]],
    ["by team, by user, by model and by day", ["team", "user", "model"]],
    ["daily", ["day"]],
    ["of which customers", ["user"]],
    ["across providers", ["provider"]],
    ["in all", ["feature"]],
  ])("split as asked: cost %s → %j", async (words, dimensions) => {
    const { calls } = await ask([user(`Cost ${words}`)]);
    expect(calls.cost_breakdown.dimensions).toEqual(dimensions);
  });

  test.each([
    ["of gpt-4o", { model: "gpt-4o" }],
    ["for the search team", { team: "search" }],
    ["where feature=chat.v2", { feature: "chat.v2" }],
    ['of user "Ada L."', { user: "Ada L." }],
    ["in production", { environment: "production" }],
    ["for each team", undefined],
    ["for team=__proto__", { team: "__proto__" }],
  ])("filter as asked: cost %s → %j", async (words, filters) => {
    const { calls } = await ask([user(`Cost ${words}`)]);
    expect(calls.cost_breakdown.filters).toEqual(filters);
  });

  test("name the models to compare, and how many groups to show", async () => {
    const { calls } = await ask([user("Cost, top 3, and compare GPT-4o with claude-sonnet-4.5.")]);
    expect(calls.model_comparison).toEqual({ models: ["gpt-4o", "claude-sonnet-4.5"] });
    expect(calls.cost_breakdown.top).toBe(3);
  });

  test("hold only what a tool's schema declares", async () => {
    const offered = [{ name: "cost_breakdown", description: "", parameters: { type: "object" } }];
    const { calls } = await ask([user("Cost by team last week, top 3")], offered);
    expect(calls).toEqual({ cost_breakdown: {} });
  });
});

describe("a follow-up", () => {
  test("takes over the subject, and what it leaves open itself", async () => {
    const first = [user("What did we spend by team last week?"), said("Much.")];
    const second = [...first, user("And for last month?"), said("More.")];
    expect((await ask(second.slice(0, -1))).calls).toEqual({
      cost_breakdown: { window: { last_days: 30 }, dimensions: ["team"], top: 5 },
    });
    expect((await ask([...second, user("thanks"), said("…"), user("and by day?")])).calls).toEqual({
      cost_breakdown: { window: { last_days: 30 }, dimensions: ["day"], top: 5 },
    });
  });

  test("of nothing is not guessed at", async () => {
    expect((await ask([user("and for last month?")])).calls).toEqual({});
  });
});
