/** The lever of prompt caching: beginnings that come again in time are read in place of computed. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import type { Rates } from "../prices.ts";
import { cacheMinimum } from "./cache-minimum.ts";
import { type CacheTtl, isHit, onHit, onMiss, writeRate } from "./cache-use.ts";
import { ratesOf } from "./lane.ts";
import { blockCounts, type Lane, type Workload } from "./workload.ts";

/** What moves to a batch, or runs in one, gets no new cache read: nobody says when it is computed. */
const TIERS_WITHOUT_CACHE: ReadonlySet<string> = new Set(["batch"]);
/** The most blocks a prompt has. */
const MOST_BLOCKS = 8;

/**
 * What marking the end of one block would do in all of a feature's calls of a model. Such a rule
 * can be followed; choosing prompts one by one would take knowing which of them come again.
 */
interface CacheRule {
  readonly model: number;
  readonly feature: number;
  /** The block that is marked, from 0. */
  readonly place: number;
  /** Calls whose beginning, up to there, is long enough; and its tokens, all calls together. */
  uses: number;
  tokens: number;
  /** Uses within the time to live of the one before. */
  hits: number;
  /** Of those, the uses that did read from a cache. */
  reached: number;
  /** USD that hits save, that the writes of misses cost, and that hits would cost as misses. */
  hitUsd: number;
  missUsd: number;
  hitsMissedUsd: number;
  lastRates: Rates;
  /** Whether it is the best rule for the feature and model, and better than none. */
  chosen: boolean;
}

/** The rules by their key. */
export interface CachePlan {
  readonly ttl: CacheTtl;
  readonly rules: ReadonlyMap<number, Readonly<CacheRule>>;
}

/** @returns USD that the rule saves, net of what is cached already; negative where it loses. */
export function gainOf({ hitUsd, missUsd }: Readonly<CacheRule>): number {
  return hitUsd - missUsd;
}

/**
 * Replays the calls in order against a cache that keeps every beginning for its time to live,
 * renewed by each use, and chooses the rule that saves most: none where all would lose.
 */
export function* planCache(workload: Workload, lane: Lane, ttl: CacheTtl): Sliced<CachePlan> {
  const rules = new Map<number, CacheRule>();
  const cache = new Map<number, number>();
  let uses = 0;
  for (const use of usesOf(workload, lane)) {
    if (uses++ % SLICE === 0) yield;
    const { call, place, rates } = use;
    const rule = rules.get(use.rule) ?? newRule(workload, lane, call, place, rates);
    rules.set(use.rule, rule);
    countUse(rule, use, lane, isHit(cache.get(use.prefix), use.at, ttl), ttl);
    if (use.comesAgain) cache.set(use.prefix, use.at);
  }
  choose([...rules.values()]);
  return { ttl, rules };
}

/** @returns the lane as it would be, had the chosen rules been followed. */
export function* withPromptCache(
  workload: Workload,
  lane: Lane,
  { ttl, rules }: CachePlan,
): Sliced<Lane> {
  const [read, write, write1h] = [lane.read.slice(), lane.write.slice(), lane.write1h.slice()];
  const cache = new Map<number, number>();
  let uses = 0;
  for (const { call, at, rule, prefix, tokens, comesAgain } of usesOf(workload, lane)) {
    if (uses++ % SLICE === 0) yield;
    if (!rules.get(rule)?.chosen) continue;
    if (isHit(cache.get(prefix), at, ttl)) {
      const { more, lessWritten } = onHit(lane, call, tokens);
      read[call] = (read[call] ?? 0) + more;
      write[call] = (write[call] ?? 0) - lessWritten;
      write1h[call] = Math.min(write1h[call] ?? 0, write[call] ?? 0);
    } else {
      const more = onMiss(lane, call, tokens);
      write[call] = (write[call] ?? 0) + more;
      if (ttl === "1h") write1h[call] = (write1h[call] ?? 0) + more;
    }
    if (comesAgain) cache.set(prefix, at);
  }
  return { ...lane, read, write, write1h };
}

/** A call's use of one of its beginnings. */
export interface Use {
  readonly call: number;
  readonly at: number;
  readonly rates: Rates;
  readonly place: number;
  readonly tokens: number;
  /** Keys of the rule that it falls under, and of the model's cache entry. */
  readonly rule: number;
  readonly prefix: number;
  /** Whether any other call has it: what comes once need not be remembered. */
  readonly comesAgain: boolean;
}

/** Gives the uses of beginnings that can be cached, in order. No key counts models, whose list may grow meanwhile. */
export function* usesOf(workload: Workload, lane: Lane): Generator<Use> {
  const { blockStart, block, blockTokens, models, features, tiers, tier } = workload;
  const minimums = models.map((model) => cacheMinimum(model) ?? Number.POSITIVE_INFINITY);
  const uncached = tiers.map((name) => name !== null && TIERS_WITHOUT_CACHE.has(name));
  const counts = blockCounts(workload);
  for (let call = 0; call < workload.size; call++) {
    const rates = ratesOf(workload, lane, call);
    if (!rates || uncached[tier[call] ?? 0] || lane.batched?.[call] === 1) continue;
    const model = lane.model[call] ?? 0;
    const group = model * features.length + (workload.feature[call] ?? 0);
    const first = blockStart[call] ?? 0;
    const blocks = (blockStart[call + 1] ?? first) - first;
    for (let place = 0; place < blocks; place++) {
      const id = block[first + place] ?? 0;
      const tokens = blockTokens[first + place] ?? 0;
      if (tokens < (minimums[model] ?? 0) || tokens > (lane.input[call] ?? 0)) continue;
      yield {
        call,
        at: workload.ts[call] ?? 0,
        rates,
        place,
        tokens,
        rule: group * MOST_BLOCKS + place,
        prefix: model * workload.blocks + id,
        comesAgain: (counts[id] ?? 0) > 1,
      };
    }
  }
}

function newRule(
  { feature }: Workload,
  { model }: Lane,
  call: number,
  place: number,
  lastRates: Rates,
): CacheRule {
  return {
    model: model[call] ?? 0,
    feature: feature[call] ?? 0,
    place,
    uses: 0,
    tokens: 0,
    hits: 0,
    reached: 0,
    hitUsd: 0,
    missUsd: 0,
    hitsMissedUsd: 0,
    lastRates,
    chosen: false,
  };
}

function countUse(rule: CacheRule, use: Use, lane: Lane, hit: boolean, ttl: CacheTtl): void {
  const { hitUsd, missUsd } = effectOf(use, lane, ttl);
  rule.uses += 1;
  rule.tokens += use.tokens;
  rule.lastRates = use.rates;
  if (!hit) {
    rule.missUsd += missUsd;
    return;
  }
  rule.hits += 1;
  if ((lane.read[use.call] ?? 0) > 0) rule.reached += 1;
  rule.hitsMissedUsd += missUsd;
  rule.hitUsd += hitUsd;
}

/** @returns USD that a use saves as a hit, and those that its writes cost as a miss. */
export function effectOf({ call, rates, tokens }: Use, lane: Lane, ttl: CacheTtl) {
  const share = (lane.weight[call] ?? 0) / 1e6;
  const { more, lessWritten } = onHit(lane, call, tokens);
  return {
    hitUsd:
      share * more * (rates.input - rates.cache_read) +
      share * lessWritten * (rates.cache_write - rates.input),
    missUsd: share * onMiss(lane, call, tokens) * (writeRate(rates, ttl) - rates.input),
  };
}

/** Of the rules for one feature and model the best is chosen, unless it saves nothing. */
function choose(rules: readonly CacheRule[]): void {
  const rivals = Map.groupBy(rules, ({ model, feature }) => `${feature} ${model}`);
  for (const group of rivals.values()) {
    const best = group.reduce((left, right) => (gainOf(right) > gainOf(left) ? right : left));
    best.chosen = gainOf(best) > 0;
  }
}
