/** The demo's first turn: from the words of the question to the tools that can answer it. */
import * as z from "zod";
import type { ModelMessage, ModelRequest } from "../core/model.ts";
import { DELEGATE } from "../core/team/delegation.ts";
import type { Json } from "../protocol/json.ts";
import { plural } from "../protocol/plural.ts";
import { type Asked, type Question, readQuestion } from "./demo-question.ts";
import { fitSchema } from "./fit-schema.ts";

/** What the demo says in one turn: its reasoning, then either tool calls or a text. */
export interface DemoTurn {
  /** Each a sentence of at least 50 characters. */
  readonly reasoning: readonly string[];
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly text: string;
}

export const SIGNATURE =
  "*Written by the offline demo model. It is no language model: it restates what the tools computed and adds nothing. For a real one, set `OPENAI_API_KEY`.*";

const ABILITIES = `You can ask me, for example:

- How many requests and tokens did we use last week?
- Where does the money go, by feature and by team?
- Which model is cheaper for the same work?
- How can we reduce our costs?`;

/** How far back a conversation is read for the subject of a follow-up, in messages. */
const MAX_TEXTS = 20;

/** The longest request that the team is given, in characters. */
const MAX_REQUEST = 2_000;

/** Their days are those ahead: what they look back on they know themselves. */
const LOOKS_AHEAD: readonly string[] = ["spend_forecast", "budget_alert"];

const Needed = z.object({ required: z.array(z.string()) });

export type OfferedTools = ModelRequest["tools"];

/** @returns the calls that answer the newest question, or a plain answer where no tool can. */
export function planTurn(messages: readonly ModelMessage[], tools: OfferedTools): DemoTurn {
  const texts = messages.flatMap(({ role, ...rest }) =>
    role === "user" && "content" in rest ? [rest.content] : [],
  );
  const question = readQuestion(texts.slice(-MAX_TEXTS));
  const asked = choose(question, tools);
  if (tools.some(({ name }) => name === DELEGATE) && isWorkForTeam(question)) {
    return delegation(question, texts);
  }
  if (asked.length === 0) return question.greeting ? greeting() : puzzled();
  const steps = asked.flatMap((each) => {
    const args = argumentsFor(each.topic.tool, question, tools);
    return args === null ? [] : { ...each, args };
  });
  if (steps.length === 0) return withoutTools(asked);
  const words = quoted(asked.flatMap((each) => each.words));
  const asks = asked.map(({ topic }) => topic.asks).join(", and ");
  return {
    reasoning: [
      `I read ${words} in the conversation. That asks ${asks}, ${scopeOf(question)}.`,
      ...steps.map(
        ({ topic, words }) =>
          `I call ${topic.tool} because of ${quoted(words)}: it ${topic.gives}, ${spanOf(question)}.`,
      ),
    ],
    calls: steps.map(({ topic, args }) => ({ name: topic.tool, arguments: JSON.stringify(args) })),
    text: "",
  };
}

/** A special subject stands for itself, where its tool can be called. */
function choose(question: Question, tools: OfferedTools): readonly Asked[] {
  const { asked } = question;
  const special = asked.filter(
    ({ topic }) => topic.rank === "special" && argumentsFor(topic.tool, question, tools) !== null,
  );
  if (special.length > 0) return special;
  const general = asked.filter(({ topic }) => topic.rank === "general");
  return general.length > 0 ? general : asked;
}

/** A wish to improve is the team's, unless it names the one thing it is about. */
function isWorkForTeam({ improves, asked, targetPct }: Question): boolean {
  if (improves.length > 0 && targetPct !== undefined) return true;
  return improves.length > 0 && !asked.some(({ topic }) => topic.rank === "special");
}

function delegation({ improves }: Question, texts: readonly string[]): DemoTurn {
  const words = quoted(improves);
  const leans = readQuestion(texts.slice(-1)).improves.length === 0;
  const args = {
    reason: `The words ${words} ask for what could be better, not for a figure alone.`,
    request: texts
      .slice(leans ? -2 : -1)
      .join("\n")
      .slice(0, MAX_REQUEST),
  };
  const reasoning = `I read ${words} in the message. That asks for savings or advice, which takes figures, levers and a plan: it is work for the team.`;
  const calls = [{ name: DELEGATE, arguments: JSON.stringify(args) }];
  return { reasoning: [reasoning], calls, text: "" };
}

/**
 * Every tool is offered the same wishes; its own schema says which of them it knows.
 * @returns the arguments, or null where the tool is not offered or needs what was not said.
 */
export function argumentsFor(name: string, question: Question, tools: OfferedTools): Json | null {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) return null;
  const { lastDays, dimensions = ["feature"], top = 5, models = [] } = question;
  const { targetPct, noLatencyCost, amount } = question;
  const [model] = models.length === 1 && name !== "model_comparison" ? models : [];
  const wishes = {
    ...(lastDays !== undefined &&
      !LOOKS_AHEAD.includes(name) && { window: { last_days: lastDays } }),
    filters: { ...question.filters, ...(model !== undefined && { model }) },
    dimensions: [...dimensions],
    top,
    ...(models.length > 1 && { models: [...models] }),
    ...(targetPct !== undefined && { target_pct: targetPct }),
    ...(noLatencyCost && { no_latency_cost: true }),
    ...(amount !== undefined && { limit_usd: amount }),
    ...(question.period !== undefined && { period: question.period }),
    ...(question.horizonDays !== undefined && { horizon_days: question.horizonDays }),
    ...(question.percentiles !== undefined && { p: [...question.percentiles] }),
    ...(models.length === 2 && { from: models[0] ?? "", to: models[1] ?? "" }),
  };
  const args = fitSchema(wishes, tool.parameters) ?? {};
  return neededBy(tool).every((field) => Object.hasOwn(Object(args), field)) ? args : null;
}

/** @returns why a tool that is wanted can't be called. */
export function whyUncalled(name: string, tools: OfferedTools): string {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) return `${name} is not at hand here.`;
  return `${name} needs ${neededBy(tool).join(" and ")}, which the question does not name.`;
}

function neededBy({ parameters }: OfferedTools[number]): readonly string[] {
  return Needed.safeParse(parameters).data?.required ?? [];
}

function spanOf({ lastDays }: Question): string {
  if (lastDays === undefined) return "over the days the tools cover by themselves";
  return plural(lastDays, "over the last day", `over the last ${lastDays} days`);
}

function scopeOf(question: Question): string {
  const { dimensions, filters, models } = question;
  return [
    spanOf(question),
    ...(dimensions ? [`split by ${dimensions.join(" and ")}`] : []),
    ...Object.entries(filters ?? {}).map(([field, value]) => `for ${field} "${value}" only`),
    ...(models ? [`with a look at ${models.join(" and ")}`] : []),
  ].join(", ");
}

function greeting(): DemoTurn {
  const reasoning =
    "The message greets me or asks what I am; it asks for no figure of cost, usage or models, so I answer without a tool.";
  const text = `Hello. I am the offline demo model: I read a question by its words, have tools compute the figures, and restate what they say.\n\n${ABILITIES}\n\n${SIGNATURE}`;
  return { reasoning: [reasoning], calls: [], text };
}

function puzzled(): DemoTurn {
  const reasoning =
    "No word of the message names usage, cost or models, which is all I can have computed, so I call no tool and say so.";
  const text = `I cannot tell from the words of your message which figures would answer it, so I computed none.\n\n${ABILITIES}\n\n${SIGNATURE}`;
  return { reasoning: [reasoning], calls: [], text };
}

function withoutTools(asked: readonly Asked[]): DemoTurn {
  const asks = asked.map(({ topic }) => topic.asks).join(", and ");
  const reasoning = `The question asks ${asks}; no tool that could compute it is offered to me, so I give no figure.`;
  const text = `You ask ${asks}. I have no tool here that computes it, so I give no figure.\n\n${SIGNATURE}`;
  return { reasoning: [reasoning], calls: [], text };
}

/** @returns the words, each in quotation marks. */
export function quoted(words: readonly string[]): string {
  return [...new Set(words)].map((word) => `"${word}"`).join(", ");
}
