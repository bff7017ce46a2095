/** The lever of right-sizing: a share of a model's calls is served by a cheaper one that suffices. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import { ratesOf } from "./lane.ts";
import { NO_RATE } from "./price-book.ts";
import type { Lane } from "./workload.ts";
import { type CallModel, rateOfModel, type Workload } from "./workload.ts";

/**
 * How the calls for the cheaper model are told: by a classifier before the call, or by trying it
 * first and asking the other one again where its answer fails.
 */
export type RightSizeMode = "classifier" | "cascade";

/** One model's calls to another. */
export interface Move {
  readonly from: string;
  readonly to: CallModel;
  /** The features it is known to suffice for; null for all. */
  readonly features: readonly string[] | null;
  /** The share of calls whose answer by the cheaper model passes. */
  readonly share: number;
  readonly mode: RightSizeMode;
}

/**
 * Serves each call by the first of the moves that is about it: the same tokens at the other
 * model's rates, in the same tier. Calls that the other model has no price for stay.
 * @returns what stays with its model, and what is moved.
 */
export function* rightSize(workload: Workload, lane: Lane, moves: readonly Move[]): Sliced<Lane[]> {
  const kept = lane.weight.slice();
  const moved = new Float64Array(workload.size);
  const model = lane.model.slice();
  const rate = lane.rate.slice();
  for (const move of moves) {
    const target = modelNumber(workload, move.to);
    const concerns = concernedBy(workload, move);
    for (let call = 0; call < workload.size; call++) {
      if (call % SLICE === 0) yield;
      if ((moved[call] ?? 0) > 0 || !concerns(call)) continue;
      const cheaper = rateAt(workload, lane, move, call);
      if (cheaper === NO_RATE) continue;
      const weight = lane.weight[call] ?? 0;
      kept[call] = weight * (1 - move.share);
      moved[call] = weight * (move.mode === "classifier" ? move.share : 1);
      model[call] = target;
      rate[call] = cheaper;
    }
  }
  return [
    { ...lane, weight: kept },
    { ...lane, weight: moved, model, rate },
  ];
}

/** @returns why a move has no call to move; null where it has one. */
export function* unmovable(
  workload: Workload,
  move: Pick<Move, "from" | "to" | "features">,
): Sliced<string | null> {
  const concerns = concernedBy(workload, move);
  let calls = 0;
  for (let call = 0; call < workload.size; call++) {
    if (call % SLICE === 0) yield;
    if (!concerns(call)) continue;
    if (rateAt(workload, workload.asMade, move, call) !== NO_RATE) return null;
    calls += 1;
  }
  const where = move.features === null ? "" : ` in ${move.features.join(", ")}`;
  return calls === 0
    ? `Not assessable: no single call${where} in scope is by ${move.from}.`
    : `Not assessable: ${move.to.asked} has no known price, or no call of ${move.from} has one.`;
}

/** The other model's rates for a call; none where either has no price. */
function rateAt(workload: Workload, lane: Lane, { to }: Pick<Move, "to">, call: number): number {
  if (!ratesOf(workload, lane, call)) return NO_RATE;
  const tier = workload.tiers[workload.tier[call] ?? 0] ?? null;
  const at = workload.ts[call] ?? 0;
  return rateOfModel(workload.prices, to, tier, at, lane.input[call] ?? 0);
}

/** @returns whether a move is about a call. */
function concernedBy(workload: Workload, move: Pick<Move, "from" | "features">) {
  const models = workload.models.map(
    ({ asked, answered }) => asked === move.from || answered === move.from,
  );
  const features = workload.features.map(
    (name) => move.features === null || (name !== null && move.features.includes(name)),
  );
  return (call: number): boolean =>
    models[workload.model[call] ?? 0] === true && features[workload.feature[call] ?? 0] === true;
}

/** The number of a model among the workload's, where it joins them if it is new. */
function modelNumber({ models }: Workload, model: CallModel): number {
  const known = models.findIndex(
    ({ provider, asked, answered }) =>
      provider === model.provider && asked === model.asked && answered === model.answered,
  );
  return known === -1 ? models.push(model) - 1 : known;
}
