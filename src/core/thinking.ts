/** Describes in sentences what the agent loop decides and why: the reasoning that a user sees beside the answer. */

import type { ToolStatus } from "../protocol/events.ts";
import type { ErrorCode } from "../protocol/failures.ts";
import { counted } from "../protocol/plural.ts";
import { TITLES } from "../protocol/titles.ts";

/** The most characters that are quoted of a message, so that the reasoning does not repeat it in full. */
const MAX_QUOTE = 80;
const MAX_SENTENCE = 240;
/** The most names in one list; the rest is given as a number. */
const MAX_NAMED = 8;

const list = new Intl.ListFormat("en-GB");

/** How a tool call ended. `records` is the number of usage records that its figures were computed from. */
export interface ToolOutcome {
  readonly name: string;
  readonly status: ToolStatus;
  readonly records?: number | undefined;
}

const STATUS_WORDS = {
  succeeded: "succeeded",
  failed: "failed",
  timed_out: "took too long",
  cancelled: "was cancelled",
  unknown: "has an unknown outcome",
} as const satisfies Record<ToolStatus, string>;

/** @returns the first sentences of a run: the question, the agent, and the tools it has. */
export function planReasoning(state: {
  readonly agent: string;
  readonly model: string;
  readonly question: string;
  /** The names of the tools the agent may call in this run. */
  readonly tools: readonly string[];
  readonly earlierMessages: number;
}): string {
  const context =
    state.earlierMessages === 0
      ? "It opens the conversation"
      : `It is read together with ${counted(state.earlierMessages, "earlier message")}`;
  const means =
    state.tools.length === 0
      ? "no tool is at hand, so the answer can rest on the conversation alone"
      : `figures can come from ${enumerate(state.tools.map((name) => bounded(name)))}`;
  return `The question is ${quote(state.question)}. ${context}; the ${bounded(state.agent)} agent takes it on with the model ${bounded(state.model)}, and ${means}.`;
}

/** @returns what a model turn decided: which tools it calls, and what for. */
export function decisionReasoning(state: {
  /** Counts the run's model turns from 1. */
  readonly round: number;
  /** `operation` is the sentence in which the tool says what the call is for. */
  readonly toolCalls: readonly { readonly name: string; readonly operation?: string | undefined }[];
}): string {
  const calls = state.toolCalls.map(({ name, operation }) =>
    operation === undefined ? bounded(name) : `${bounded(name)} (${quote(operation)})`,
  );
  return calls.length === 0
    ? `In round ${state.round} the model called no tool: it answers from what the conversation holds already.`
    : `In round ${state.round} the model chose to call ${enumerate(calls)} before it goes on, so what comes back decides the next step.`;
}

/** @returns what an answer is based on, and which tool calls failed, so that their part is missing. */
export function answerReasoning(state: {
  readonly toolResults: readonly ToolOutcome[];
  /** The agent that called them, if it hands its results to another agent; undefined for the run's own agent. */
  readonly agent?: string | undefined;
}): string {
  const { toolResults, agent } = state;
  const [subject, whose] =
    agent === undefined
      ? ["The answer", "of this run"]
      : [`What the ${bounded(agent)} agent hands on`, "of its own"];
  if (toolResults.length === 0) {
    return "No tool was called in this run, so the answer rests on the conversation alone and on no computed figure.";
  }
  const sources = toolResults.filter(({ status }) => status === "succeeded").map(source);
  const gaps = toolResults.filter(({ status }) => status !== "succeeded").map(gap);
  const basis =
    sources.length === 0
      ? `${subject} rests on no computed figure, because no tool call succeeded`
      : `${subject} rests on what ${enumerate(sources)} gave back`;
  return gaps.length === 0
    ? `${basis}; no tool call ${whose} failed.`
    : `${basis}; ${enumerate(gaps)}, so that part is missing.`;
}

/** @returns what failed, at which attempt, and what happens next. */
export function failureReasoning(state: {
  readonly code: ErrorCode;
  /** Counts from 1. */
  readonly attempt: number;
  /** What the loop does now, or what the person can do, as a sentence. */
  readonly next: string;
}): string {
  const title = TITLES[state.code];
  const next = bounded(state.next, MAX_SENTENCE);
  return `Attempt ${state.attempt} ended with the failure ${state.code} (${title}). Next: ${next}`;
}

/** @returns what had been done when a run was cancelled. */
export function cancelReasoning(state: { readonly toolResults: readonly ToolOutcome[] }): string {
  const done = state.toolResults.filter(({ status }) => status === "succeeded").map(source);
  const results =
    done.length === 0 ? "no tool had given a result" : `${enumerate(done)} had given a result`;
  return `The run was cancelled before its answer was whole; by then ${results}, and what was written is kept.`;
}

function source({ name, records }: ToolOutcome): string {
  return records === undefined
    ? bounded(name)
    : `${bounded(name)} (from ${counted(records, "record")})`;
}

function gap({ name, status }: ToolOutcome): string {
  return `${bounded(name)} ${STATUS_WORDS[status]}`;
}

/** @returns the names as one phrase, with those past {@link MAX_NAMED} as a number. */
export function enumerate(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return list.format(more > 0 ? [...names.slice(0, MAX_NAMED), `${more} more`] : names);
}

/** @returns the text in quotation marks, shortened to {@link MAX_QUOTE}. */
export function quote(text: string): string {
  return `“${bounded(text)}”`;
}

/** @returns the text on one line, cut to at most `most` UTF-16 code units, never inside a character. */
function bounded(text: string, most = MAX_QUOTE): string {
  const line = text.toWellFormed().replaceAll(/\s+/g, " ").trim();
  if (line.length <= most) return line;
  return `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
