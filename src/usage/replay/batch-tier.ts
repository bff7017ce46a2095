/** The lever of the batch tier: what nobody waits for is asked at the price of a day's patience. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import { isStandardTier } from "../prices.ts";
import { ratesOf } from "./lane.ts";
import { NO_RATE } from "./price-book.ts";
import { type Lane, rateOfModel, type Workload } from "./workload.ts";

/** Providers answer a batch within so many hours. */
const BATCH_HOURS = 24;

/** Whether a call can wait: said so, guessed, or it can't. */
const CANNOT_WAIT = 0;
export const MAY_WAIT = 1;
export const CAN_WAIT = 2;

/**
 * Sorts the calls by whether they can wait for a batch: those can that nobody waits for and whose
 * deadline leaves a day. Those may that say neither, have no user and are not streamed: a guess,
 * which belongs into no total. A person who waits at night still waits.
 */
export function patience(workload: Workload): Uint8Array {
  const standard = workload.tiers.map(isStandardTier);
  return Uint8Array.from({ length: workload.size }, (_, call) => {
    if (!standard[workload.tier[call] ?? 0]) return CANNOT_WAIT;
    const { interactive, deadline, attended } = workload;
    const hours = deadline[call] ?? Number.NaN;
    if (interactive[call] === 1 || hours < BATCH_HOURS) return CANNOT_WAIT;
    if (interactive[call] === 0 && hours >= BATCH_HOURS) return CAN_WAIT;
    return attended[call] === 1 ? CANNOT_WAIT : MAY_WAIT;
  });
}

/**
 * @returns the lane with the calls that `waits` picks at batch rates, where the model has them; none
 *   of those that keep to the cache instead. What they read as they were made they still read.
 */
export function* inBatch(
  workload: Workload,
  lane: Lane,
  waits: (call: number) => boolean,
): Sliced<Lane> {
  const rate = lane.rate.slice();
  for (let call = 0; call < workload.size; call++) {
    if (call % SLICE === 0) yield;
    if (lane.batched?.[call] === 0 || !ratesOf(workload, lane, call) || !waits(call)) continue;
    const batch = batchRate(workload, lane, call);
    if (batch !== NO_RATE) rate[call] = batch;
  }
  return { ...lane, rate };
}

/** @returns the number of the rates that the call would pay in a batch, or {@link NO_RATE}. */
export function batchRate({ models, prices, ts }: Workload, lane: Lane, call: number): number {
  const model = models[lane.model[call] ?? 0];
  if (!model) return NO_RATE;
  return rateOfModel(prices, model, "batch", ts[call] ?? 0, lane.input[call] ?? 0);
}
