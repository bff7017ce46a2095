/** The lever of trimming: prompts and answers out of the ordinary are cut to the usual length. */
import type { Sliced } from "../../core/slices.ts";
import { type UsualLength, usualLengths } from "./usual-length.ts";
import type { Lane, Workload } from "./workload.ts";

/** What is cut: the answer, the reasoning before it, or the prompt. */
export type TrimTarget = "output" | "reasoning" | "context";

/** To which of the ordinary lengths an outlying one is cut. */
export type TrimLength = "mean" | "short" | "long";

/** The usual lengths of each of the workload's features. */
export interface TrimPlan {
  readonly target: TrimTarget;
  readonly usual: readonly (UsualLength | null)[];
}

/** @returns what is usual in the workload as it was made. */
export function* planTrim(workload: Workload, target: TrimTarget): Sliced<TrimPlan> {
  const lengths = lengthsOf(workload, target);
  const usual = yield* usualLengths(workload, (call) => lengths[call] ?? 0);
  return { target, usual };
}

/** @returns tokens that each call is over the length it would be cut to; 0 where it is ordinary. */
export function excessOf(
  workload: Workload,
  { target, usual }: TrimPlan,
  to: TrimLength,
): Float64Array {
  return lengthsOf(workload, target).map((length, call) => {
    const plan = usual[workload.feature[call] ?? 0];
    return plan && length > plan.limit ? length - plan[to] : 0;
  });
}

/**
 * @param excess tokens to cut from each call. Of a prompt they are its end, behind what was read
 *   from a cache or written to it; only what is longer than that comes out of the cached tokens.
 */
export function trimmed(lane: Lane, target: TrimTarget, excess: Float64Array): Lane {
  const less = (column: Float64Array, by: Float64Array) =>
    column.map((tokens, call) => Math.max(0, tokens - (by[call] ?? 0)));
  if (target !== "context") return { ...lane, output: less(lane.output, excess) };
  const input = less(lane.input, excess);
  const read = lane.read.map((tokens, call) => Math.min(tokens, input[call] ?? 0));
  const write = lane.write.map((tokens, call) =>
    Math.min(tokens, (input[call] ?? 0) - (read[call] ?? 0)),
  );
  const write1h = lane.write1h.map((tokens, call) => Math.min(tokens, write[call] ?? 0));
  return { ...lane, input, read, write, write1h };
}

function lengthsOf({ asMade, reasoning }: Workload, target: TrimTarget): Float64Array {
  if (target === "context") return asMade.input;
  return target === "output" ? asMade.output : reasoning;
}
