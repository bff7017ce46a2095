/** Levers together: each acts on what the one before left, so that nothing is saved twice. */
import type { Sliced } from "../../core/slices.ts";
import { Lever } from "../../protocol/optimization.ts";
import { costsOf } from "./lane.ts";
import { type Saving, type Span, savingBetween } from "./saving.ts";
import type { Lane, Workload } from "./workload.ts";

/**
 * A lever as it is applied: lanes of calls in, the lanes it would leave out. Where a lever has several
 * steps, each takes in the ones before it.
 */
export interface LeverStep {
  readonly lever: Lever;
  /** @param later the steps of the levers after it, to which it may have to leave some calls. */
  apply(
    workload: Workload,
    lanes: readonly Lane[],
    later?: readonly LeverStep[],
  ): Sliced<readonly Lane[]>;
  /** Which calls it would take to the batch tier, where new cache reads are none; absent where that is not what it does. */
  readonly waits?: (call: number) => boolean;
}

/** A lever, and what it saves if it is the only one. */
export interface AloneReplay {
  readonly step: LeverStep;
  readonly saving: Saving;
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
export function* replayAlone(workload: Workload, step: LeverStep, span: Span): Sliced<Saving> {
  const lanes = yield* step.apply(workload, [workload.asMade]);
  const after = yield* costsOf(workload, lanes);
  return yield* savingBetween(workload, workload.costs, after, span);
}

/**
 * Replays the levers in the order of {@link Lever}, each on what the ones before left; the steps of one
 * lever on what that lever found, since each takes in the ones before. A lever that would save more
 * beside others than alone (a cache whose losing calls went away) counts as alone, so that the whole is
 * never above the sum of its parts; one that would save nothing is left out, so that no part is below 0.
 */
export function* replayTogether(
  workload: Workload,
  levers: readonly AloneReplay[],
): Sliced<JointReplay> {
  const ordered = levers.toSorted((left, right) => placeOf(left) - placeOf(right));
  const spendUsd = total(workload.costs);
  const shares: LeverShare[] = [];
  let found: readonly Lane[] = [workload.asMade];
  let lanes = found;
  let leftUsd = spendUsd;
  for (const [index, { step, saving: alone }] of ordered.entries()) {
    if (step.lever !== shares.at(-1)?.lever) found = lanes;
    const later = ordered.slice(index + 1).map((next) => next.step);
    const changed = yield* step.apply(workload, found, later);
    const afterUsd = total(yield* costsOf(workload, changed));
    const savedUsd = Math.max(0, leftUsd - afterUsd);
    shares.push({ lever: step.lever, alone, marginalUsd: Math.min(savedUsd, alone.usd) });
    if (savedUsd === 0) continue;
    lanes = changed;
    leftUsd = afterUsd;
  }
  return { spendUsd, shares, usd: shares.reduce((sum, { marginalUsd }) => sum + marginalUsd, 0) };
}

function placeOf({ step }: AloneReplay): number {
  return Lever.options.indexOf(step.lever);
}

function total(costs: Float64Array): number {
  return costs.reduce((sum, usd) => sum + usd, 0);
}
