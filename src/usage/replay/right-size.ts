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
      if ((moved[call] ?? 0) > 0 || !concerns(call) || !ratesOf(workload, lane, call)) continue;
      const tier = workload.tiers[workload.tier[call] ?? 0] ?? null;
      const at = workload.ts[call] ?? 0;
      const cheaper = rateOfModel(workload.prices, move.to, tier, at, lane.input[call] ?? 0);
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

/** @returns whether a move is about a call. */
export function concernedBy(workload: Workload, move: Pick<Move, "from" | "features">) {
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
