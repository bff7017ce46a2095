/** The two model providers a product can have, and how a test asks either for the same kind of run. */
import { inject } from "vitest";
import type { StepInput } from "../model-server/step.ts";
import { scriptModel } from "./model-script.ts";

/** What a run is to be like: with tool calls, without, or long enough to be stopped while it writes. */
export type RunKind = "with tools" | "small talk" | "long";

export interface Provider {
  readonly name: "demo" | "openai";
  readonly url: () => string;
  /** Prepares the model for runs of these kinds, in order. @returns the questions that bring them about. */
  prepare(...kinds: RunKind[]): Promise<string[]>;
}

const QUESTIONS: Readonly<Record<RunKind, string>> = {
  "with tools": "How many tokens did we use in the last 7 days, and what did we spend by team?",
  "small talk": "Hello, what can you do?",
  long: "How much do we use and spend, by feature and by team, and which model is cheaper?",
};

const demo: Provider = {
  name: "demo",
  url: () => inject("demoUrl"),
  prepare: async (...kinds) => kinds.map((kind) => QUESTIONS[kind]),
};

const LAST_WEEK = { window: { last_days: 7 } };

const STEPS: Readonly<Record<RunKind, readonly StepInput[]>> = {
  "with tools": [
    {
      tool_calls: [
        { name: "usage_summary", arguments: LAST_WEEK },
        { name: "cost_breakdown", arguments: { ...LAST_WEEK, dimensions: ["team"] } },
      ],
    },
    { text: "The records hold tokens and cost of the week, as computed; see the two calls 🔎." },
  ],
  "small talk": [{ text: "I find out where the cost and the latency of model calls go." }],
  /** It says something and then nothing more, so that only a stop can end it. */
  long: [{ text: "This answer has a beginning and no end.", hang: "after_content" }],
};

const openai: Provider = {
  name: "openai",
  url: () => inject("openaiUrl"),
  async prepare(...kinds) {
    await scriptModel(kinds.flatMap((kind) => STEPS[kind]));
    return kinds.map((kind) => QUESTIONS[kind]);
  },
};

export const PROVIDERS: readonly Provider[] = [demo, openai];
