/** Levers together: each acts on what the one before left, so that nothing is saved twice. */
import { Lever } from "../../protocol/optimization.ts";
import { costsOf } from "./lane.ts";
import { type Saving, type Span, savingBetween } from "./saving.ts";
import type { Lane, Workload } from "./workload.ts";

/** A lever as it is applied: lanes of calls in, the lanes it would leave out. */
export interface LeverStep {
  readonly lever: Lever;
  apply(workload: Workload, lanes: readonly Lane[]): readonly Lane[];
}

/** What a lever saves in the window. */
export interface LeverShare {
  readonly lever: Lever;
  /** If it were the only one. */
  readonly alone: Saving;
  /** USD beside the levers before it. */
  readonly marginalUsd: number;
}

export interface JointReplay {
  /** USD that the calls with a price cost as they were made. */
  readonly spendUsd: number;
  readonly shares: readonly LeverShare[];
  /** USD that all levers save together. */
  readonly usd: number;
}

/** @returns what one lever saves if it is the only one. */
export function replayAlone(workload: Workload, step: LeverStep, span: Span): Saving {
  const before = costsOf(workload, [workload.asMade]);
  const after = costsOf(workload, step.apply(workload, [workload.asMade]));
  return savingBetween(workload, before, after, span);
}

/**
 * Replays the levers in the order of {@link Lever}, each on what the ones before left. A lever that
 * would save more beside others than alone (a cache whose losing calls went away) counts as alone,
 * so that the whole is never above the sum of its parts.
 */
export function replayTogether(
  workload: Workload,
  steps: readonly LeverStep[],
  span: Span,
): JointReplay {
  const ordered = steps.toSorted(
    (left, right) => Lever.options.indexOf(left.lever) - Lever.options.indexOf(right.lever),
  );
  let lanes: readonly Lane[] = [workload.asMade];
  const spendUsd = total(costsOf(workload, lanes));
  let leftUsd = spendUsd;
  const shares = ordered.map((step): LeverShare => {
    lanes = step.apply(workload, lanes);
    const afterUsd = total(costsOf(workload, lanes));
    const alone = replayAlone(workload, step, span);
    const marginalUsd = Math.min(leftUsd - afterUsd, alone.usd);
    leftUsd = afterUsd;
    return { lever: step.lever, alone, marginalUsd };
  });
  return { spendUsd, shares, usd: shares.reduce((sum, { marginalUsd }) => sum + marginalUsd, 0) };
}

function total(costs: Float64Array): number {
  return costs.reduce((sum, usd) => sum + usd, 0);
}
