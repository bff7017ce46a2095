/** A run whose answer has to be JSON, told once it is: held back until it was read, and mended once. */
import type { Context } from "hono";
import { type FollowedRun, followRun, type RunFrame } from "../../http/follow-run.ts";
import type { SignedInEnv } from "../../http/router.ts";
import type { RunUsage } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { problemOf } from "../../protocol/problem-of.ts";
import { askAgain, type Begun } from "../begin-run.ts";
import type { JsonDemand } from "./json-demand.ts";

/** How a run ended. */
export type Completed = Extract<RunFrame, { type: "agent_completed" }>;

/**
 * Has a question answered again after an unusable answer.
 * @param fault what the agent is told about the unusable answer.
 * @returns the run that answers again; null if there is none and never will be.
 */
export type Mend = (useless: Completed, fault: string) => Promise<FollowedRun | null>;

/** @returns a {@link Mend} for a run that was just begun: it asks the run's question again. */
export function mendedBy(c: Context<SignedInEnv>, begun: Begun): Mend {
  return ({ data }, fault) => askAgain(c, begun, data.final_response, fault);
}

/**
 * @param demand null if the answer may be any text: it is then passed on as it is written.
 * @returns the run's frames. With a demand, the text comes whole, with the last frames. If it is not the JSON that
 *   was demanded, a second run replaces it; if that fails too, the run counts as failed. Cancelling the stream
 *   ends neither run: the client may come back for the answer.
 */
export function checkedRun(
  c: Context<SignedInEnv>,
  run: FollowedRun,
  demand: JsonDemand | null,
  mend: Mend,
): ReadableStream<RunFrame> {
  if (demand === null) return followRun(c, run);
  const frames = checked(c, run, demand, mend);
  const over = Promise.withResolvers<void>();
  c.executionCtx.waitUntil(over.promise);
  async function next(): Promise<IteratorResult<RunFrame, void>> {
    try {
      const result = await frames.next();
      if (result.done || result.value.type === "agent_completed") over.resolve();
      return result;
    } catch (error) {
      over.resolve();
      throw error;
    }
  }
  return new ReadableStream<RunFrame>(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void readOut(next).catch(() => undefined),
    },
    { highWaterMark: 0 },
  );
}

async function readOut(next: () => Promise<IteratorResult<RunFrame, void>>): Promise<void> {
  while (!(await next()).done);
}

async function* checked(
  c: Context<SignedInEnv>,
  run: FollowedRun,
  demand: JsonDemand,
  mend: Mend,
): AsyncGenerator<RunFrame, void, void> {
  const first = yield* heldBack(c, run);
  const { status, final_response, caller_calls = [], usage } = first.data;
  if (status !== "completed" || caller_calls.length > 0) return yield first;
  const read = demand.read(final_response);
  if (read.ok) return yield withAnswer(first, read.json);

  const mending = await mend(first, told(read.fault));
  if (mending === null) return yield failed(first, `${NO_JSON}. ${read.fault}`);
  const second = yield* heldBack(c, mending);
  const mended = { ...second, data: { ...second.data, usage: both(usage, second.data.usage) } };
  if (second.data.status !== "completed") return yield mended;
  const reread = demand.read(second.data.final_response);
  if (reread.ok) return yield withAnswer(mended, reread.json);
  yield failed(mended, `${NO_JSON}, also when it was asked for once more. ${reread.fault}`);
}

const NO_JSON = "The answer is not the JSON that was asked for";

/** Tells what a run does, and nothing that it says. @returns its last frame, which is not told. */
async function* heldBack(
  c: Context<SignedInEnv>,
  run: FollowedRun,
): AsyncGenerator<RunFrame, Completed, void> {
  for await (const frame of followRun(c, run)) {
    if (frame.type === "agent_completed") return frame;
    if (frame.type !== "message_delta") yield frame;
  }
  throw new ApexError("unavailable", "The run could not be followed to its end.");
}

function withAnswer(frame: Completed, final_response: string): Completed {
  return { ...frame, data: { ...frame.data, final_response } };
}

function failed(frame: Completed, detail: string): Completed {
  const problem = problemOf(new ApexError("model_unavailable", detail));
  return { ...frame, data: { ...frame.data, status: "failed", final_response: "", problem } };
}

function told(fault: string): string {
  return `Your answer cannot be used. ${fault}\nGive the whole answer again, as JSON alone, as you were told.`;
}

function both(one: RunUsage, other: RunUsage): RunUsage {
  return {
    input_tokens: one.input_tokens + other.input_tokens,
    cached_input_tokens: one.cached_input_tokens + other.cached_input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    reasoning_tokens: one.reasoning_tokens + other.reasoning_tokens,
    model_calls: one.model_calls + other.model_calls,
    cost_usd:
      one.cost_usd === null || other.cost_usd === null ? null : one.cost_usd + other.cost_usd,
    estimated: one.estimated || other.estimated,
  };
}
