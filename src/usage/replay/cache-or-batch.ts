/** Prompt cache against batch tier: a call gets one of the two discounts, whichever saves more. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import { batchRate } from "./batch-tier.ts";
import { type CacheTtl, isHit } from "./cache-use.ts";
import { costIn, ratesOf } from "./lane.ts";
import { effectOf, planCache, usesOf } from "./prompt-cache.ts";
import type { Lane, Workload } from "./workload.ts";

const NO_CALL = -1;

/**
 * The best that was done with the uses of a prefix so far, if this call is the last that kept to the
 * cache. USD are relative to all the calls since then having moved to the batch tier.
 */
interface LastUse {
  readonly call: number;
  readonly at: number;
  readonly usd: number;
}

/** The last uses that may still turn out best, of one prefix. */
interface Chain {
  /** The cheapest whose prefix is gone. */
  cold: LastUse;
  /** Those whose prefix is still there, oldest first; a later one that costs no more outdoes an older. */
  warm: LastUse[];
}

/**
 * Splits the calls that can wait between cache and batch. Uses of one prefix hang together: one that
 * moves to the batch renews no entry and writes none, so that a later one may miss. The split is the
 * cheapest there is under the rules that caching would follow if no call moved: in order of time, for
 * each call that may have been the last to keep to the cache, the least that it all has cost.
 *
 * @param waits which calls can wait.
 * @returns 1 for each call of the lane that moves to the batch tier.
 */
export function* callsForBatch(
  workload: Workload,
  lane: Lane,
  ttl: CacheTtl,
  waits: (call: number) => boolean,
): Sliced<Uint8Array> {
  const { rules } = yield* planCache(workload, lane, ttl);
  const gains = yield* batchGains(workload, lane, waits);
  const before = new Int32Array(workload.size).fill(NO_CALL);
  const chains = new Map<number, Chain>();
  let uses = 0;
  for (const use of usesOf(workload, lane)) {
    if (uses++ % SLICE === 0) yield;
    const { call, at, prefix, comesAgain } = use;
    if (!comesAgain || !rules.get(use.rule)?.chosen) continue;
    const chain = chains.get(prefix) ?? newChain();
    chains.set(prefix, chain);
    cool(chain, at, ttl);
    const { hitUsd, missUsd } = effectOf(use, lane, ttl);
    const [warm] = chain.warm;
    const missed = chain.cold.usd + missUsd;
    const hit = warm ? warm.usd - hitUsd : Number.POSITIVE_INFINITY;
    before[call] = hit <= missed ? (warm?.call ?? NO_CALL) : chain.cold.call;
    keep(chain, { call, at, usd: Math.min(hit, missed) }, gains[call] ?? 0);
  }
  const moves = Uint8Array.from(gains, (usd) => (usd > 0 ? 1 : 0));
  for (const chain of chains.values()) {
    for (let call = cheapest(chain).call; call !== NO_CALL; call = before[call] ?? NO_CALL) {
      moves[call] = 0;
    }
  }
  return moves;
}

/** USD that each call would save in a batch; 0 where it cannot wait, or a batch costs no less. */
function* batchGains(
  workload: Workload,
  lane: Lane,
  waits: (call: number) => boolean,
): Sliced<Float64Array> {
  const gains = new Float64Array(workload.size);
  for (let call = 0; call < workload.size; call++) {
    if (call % SLICE === 0) yield;
    const now = ratesOf(workload, lane, call);
    const batch = waits(call) ? workload.prices.rates[batchRate(workload, lane, call)] : undefined;
    if (!now || !batch) continue;
    gains[call] = Math.max(0, costIn(lane, call, now) - costIn(lane, call, batch));
  }
  return gains;
}

function newChain(): Chain {
  return { cold: { call: NO_CALL, at: Number.NEGATIVE_INFINITY, usd: 0 }, warm: [] };
}

/** Lets go of the uses whose prefix is gone by now: of those only the cheapest matters. */
function cool(chain: Chain, now: number, ttl: CacheTtl): void {
  for (let [oldest] = chain.warm; oldest && !isHit(oldest.at, now, ttl); [oldest] = chain.warm) {
    if (oldest.usd < chain.cold.usd) chain.cold = oldest;
    chain.warm.shift();
  }
}

/** @param gainUsd what the call would have saved in a batch; one that saves nothing there never moves. */
function keep(chain: Chain, use: LastUse, gainUsd: number): void {
  if (gainUsd === 0) {
    chain.cold = { ...use, usd: Number.POSITIVE_INFINITY };
    chain.warm = [{ ...use, usd: 0 }];
    return;
  }
  const kept = { ...use, usd: use.usd + gainUsd };
  while ((chain.warm.at(-1)?.usd ?? Number.NEGATIVE_INFINITY) >= kept.usd) chain.warm.pop();
  chain.warm.push(kept);
}

function cheapest({ cold, warm: [warm] }: Chain): LastUse {
  return warm && warm.usd <= cold.usd ? warm : cold;
}
