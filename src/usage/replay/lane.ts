/** What the calls of a lane cost. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import { costOf, type Rates } from "../prices.ts";
import { NO_RATE } from "./price-book.ts";
import type { Lane, Workload } from "./workload.ts";

/** @returns USD of each call over all lanes; 0 where it has no price. */
export function* costsOf(workload: Workload, lanes: readonly Lane[]): Sliced<Float64Array> {
  const costs = new Float64Array(workload.size);
  for (const lane of lanes) {
    for (let call = 0; call < workload.size; call++) {
      if (call % SLICE === 0) yield;
      const rates = ratesOf(workload, lane, call);
      if (rates) costs[call] = (costs[call] ?? 0) + costIn(lane, call, rates);
    }
  }
  return costs;
}

/** @returns the rates a call of the lane pays; undefined where none of it is made there, or none are known. */
export function ratesOf(workload: Workload, lane: Lane, call: number): Rates | undefined {
  const rate = lane.rate[call] ?? NO_RATE;
  return lane.weight[call] === 0 || rate === NO_RATE ? undefined : workload.prices.rates[rate];
}

/** @returns USD of the part of a call that is made in the lane. */
export function costIn(lane: Lane, call: number, rates: Rates): number {
  const mix = {
    input_tokens: lane.input[call] ?? 0,
    cache_read_tokens: lane.read[call] ?? 0,
    cache_write_tokens: lane.write[call] ?? 0,
    cache_write_1h_tokens: lane.write1h[call] ?? 0,
    output_tokens: lane.output[call] ?? 0,
  };
  return (lane.weight[call] ?? 0) * costOf(mix, rates);
}
