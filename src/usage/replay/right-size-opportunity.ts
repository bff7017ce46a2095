/** What a cheaper model for a part of the calls would save, where evaluations show that it suffices. */
import type { Sliced } from "../../core/slices.ts";
import type { LatencyEffect } from "../../protocol/optimization.ts";
import { counted } from "../../protocol/plural.ts";
import { type LeverStep, replayAlone } from "./joint.ts";
import type { Opportunity } from "./opportunity.ts";
import { objectionTo, type PairedResult } from "./pass-share.ts";
import { type Move, rightSize, unmovable } from "./right-size.ts";
import type { Span } from "./saving.ts";
import type { Lane, Workload } from "./workload.ts";

/** A move that evaluations speak for, or do not. */
export interface Candidate {
  readonly move: Omit<Move, "share">;
  readonly result: PairedResult | null;
  /** The least share of items that must pass, by the lower bound. */
  readonly minPass: number;
}

/** A lever's opportunity, and the move it is. */
export interface RightSizeOpportunity extends Opportunity {
  readonly move: Move;
  /** What its paired evaluations come to; null where there are none. */
  readonly result: PairedResult | null;
}

const SAME_TOKENS =
  "The cheaper model is taken to use the same tokens, in the same tier; models count tokens differently and may answer at other lengths.";
const MODES = {
  classifier:
    "Only the share of calls that its evaluations passed is moved, told by a classifier before the call that is taken to err nowhere and cost nothing.",
  cascade:
    "Every call is tried on the cheaper model first, and the share that failed its evaluations is asked again.",
} as const;

/** @returns the opportunity of one move; where evaluations object it is in no total. */
export function* rightSizeOpportunity(
  workload: Workload,
  span: Span,
  { move, result, minPass }: Candidate,
): Sliced<RightSizeOpportunity> {
  const share = result?.pass ?? { value: 1, low: 0, high: 1 };
  const stepOf = (part: number) => rightSizeStep([{ ...move, share: part }]);
  const step = stepOf(share.value);
  const saving = yield* replayAlone(workload, step, span);
  const low = yield* replayAlone(workload, stepOf(share.low), span);
  const high = yield* replayAlone(workload, stepOf(share.high), span);
  const dearer = saving.usd < 0 ? "it would cost more than it saves" : null;
  return {
    lever: "right_size",
    title: `Serve calls of ${move.from} by ${move.to.asked} where it suffices`,
    subject: `${move.from} → ${move.to.asked}`,
    step,
    saving,
    estimate: {
      value: saving.usd,
      low: Math.min(low.usd, high.usd),
      high: Math.max(low.usd, high.usd),
    },
    basis: "simulated",
    latencyEffect: latencyEffect(move, result),
    assumptions: [
      MODES[move.mode],
      SAME_TOKENS,
      ...(result
        ? [
            `The bounds are Wilson's 95 % interval of the pass share, over ${counted(result.items, "item")}.`,
          ]
        : []),
    ],
    notAssessable: yield* unmovable(workload, move),
    leftOut: objectionTo(result, minPass) ?? dearer,
    move: { ...move, share: share.value },
    result,
  };
}

/** @returns the step of several moves; a call goes by the first that is about it. */
export function rightSizeStep(moves: readonly Move[]): LeverStep {
  return {
    lever: "right_size",
    *apply(workload, lanes) {
      const parted: Lane[] = [];
      for (const lane of lanes) parted.push(...(yield* rightSize(workload, lane, moves)));
      return parted;
    },
  };
}

function latencyEffect({ mode }: Pick<Move, "mode">, result: PairedResult | null): LatencyEffect {
  if (mode === "cascade") return "worse";
  if (result === null || result.fromP95 === null || result.toP95 === null) return "unknown";
  if (result.toP95 > result.fromP95) return "worse";
  return result.toP95 < result.fromP95 ? "better" : "none";
}
