/** The example questions as prompts: what people ask first, with the places that they fill. */
import * as z from "zod";
import { parseInput } from "../../protocol/parse-input.ts";
import type { McpPrompt } from "./offer.ts";

interface Question {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The places in the question: all may be left out. */
  readonly places: Readonly<Record<string, string>>;
  ask(given: Readonly<Record<string, string | undefined>>): string;
}

const QUESTIONS: readonly Question[] = [
  {
    name: "cut_costs",
    title: "Cut costs",
    description: "What can be saved, lever by lever, and a plan",
    places: { target_pct: "By how many percent costs are to fall" },
    ask: ({ target_pct }) =>
      `Cut our AI costs${target_pct === undefined ? "" : ` by ${target_pct} %`} without hurting latency.`,
  },
  {
    name: "where_money_goes",
    title: "Where the money goes",
    description: "The cost of LLM calls, broken down",
    places: { by: "model, feature, team, environment, user, provider, day or hour" },
    ask: ({ by = "team" }) => `Where does our money go, by ${by}, and what changed?`,
  },
  {
    name: "cheaper_model",
    title: "A cheaper model",
    description: "Models compared by what they cost and how fast they answer",
    places: { feature: "Only the calls of this feature" },
    ask: ({ feature }) =>
      `Which model is cheaper${feature === undefined ? "" : ` for ${feature}`}, and how do they compare in latency?`,
  },
  {
    name: "slow_calls",
    title: "What is slow",
    description: "Latency percentiles, by model and feature",
    places: { model: "Only the calls of this model" },
    ask: ({ model }) =>
      `How slow are our calls${model === undefined ? "" : ` to ${model}`} at p50, p95 and p99, and why?`,
  },
  {
    name: "wasted_money",
    title: "What is wasted",
    description: "What errors, retries and repeated questions cost",
    places: {},
    ask: () => "How much do we spend on failed calls, retries and answers we already had?",
  },
  {
    name: "forecast",
    title: "What it will cost",
    description: "The spend of the month, with its bounds",
    places: { budget_usd: "The budget of the month in US$" },
    ask: ({ budget_usd }) =>
      `What will we spend this month${budget_usd === undefined ? "" : `, and does it stay within $${budget_usd}`}?`,
  },
];

/** The example questions, each with what it fills its places with. */
export const PROMPTS: readonly McpPrompt[] = QUESTIONS.map(promptOf);

function promptOf({ name, title, description, places, ask }: Question): McpPrompt {
  const place = z.string().trim().min(1).max(200).optional();
  const schema = z.strictObject(
    Object.fromEntries(Object.keys(places).map((each) => [each, place])),
  );
  return {
    listing: {
      name,
      title,
      description,
      arguments: Object.entries(places).map(([argument, meaning]) => ({
        name: argument,
        description: meaning,
        required: false,
      })),
    },
    get(args) {
      const text = ask(parseInput(schema, args, `the arguments of ${name}`));
      return { description, messages: [{ role: "user", content: { type: "text", text } }] };
    },
  };
}
