/** The lever of prompt caching: prefixes that come again in time are read in place of computed. */
import type { Rates } from "../prices.ts";
import { cacheMinimum } from "./cache-minimum.ts";
import { type CacheTtl, isHit, onHit, onMiss, writeRate } from "./cache-use.ts";
import { type Lane, ratesOf } from "./lane.ts";
import type { Workload } from "./workload.ts";

/** Batches of these providers' models are computed without a cache. */
const TIERS_WITHOUT_CACHE: ReadonlySet<string> = new Set(["batch"]);

/** A prefix that more than one call begins with; its counts grow as the calls are replayed. */
interface Prefix {
  readonly model: number;
  /** The feature that used it first. */
  readonly feature: number;
  readonly tokens: number;
  /** The next shorter prefix that it begins with. */
  readonly shorter: Prefix | null;
  lastUsed: number;
  uses: number;
  /** Uses within the time to live of the one before. */
  hits: number;
  /** Of those, the uses that did read from a cache. */
  reached: number;
  /** USD that hits save, that the writes of misses cost, and that hits would cost as misses. */
  hitUsd: number;
  missUsd: number;
  hitsMissedUsd: number;
  /** USD that the best choice among the longer prefixes saves. */
  longerUsd: number;
  /** Whether caching it is the best choice for the calls that begin with it. */
  chosen: boolean;
}

/** The prefixes by their key, the shorter before the longer. */
export interface CachePlan {
  readonly ttl: CacheTtl;
  readonly prefixes: ReadonlyMap<number, Readonly<Prefix>>;
}

/** @returns USD that caching the prefix saves, net of what is cached already; negative: it loses. */
export function gainOf({ hitUsd, missUsd }: Readonly<Prefix>): number {
  return hitUsd - missUsd;
}

/**
 * Replays the calls in order against a cache that keeps every prefix for its time to live, renewed
 * by each use, and chooses for each call the prefix that saves most: none where all would lose.
 */
export function planCache(workload: Workload, lane: Lane, ttl: CacheTtl): CachePlan {
  const prefixes = new Map<number, Prefix>();
  forEachUse(workload, lane, (call, uses, rates) => {
    let shorter: Prefix | null = null;
    for (const { key, tokens } of uses) {
      const prefix: Prefix = prefixes.get(key) ?? newPrefix(workload, lane, call, tokens, shorter);
      prefixes.set(key, prefix);
      countUse(prefix, workload, lane, call, rates, ttl);
      shorter = prefix;
    }
  });
  choose([...prefixes.values()]);
  return { ttl, prefixes };
}

/** @returns the lane as it would be, had the chosen prefixes been cached. */
export function withPromptCache(
  workload: Workload,
  lane: Lane,
  { ttl, prefixes }: CachePlan,
): Lane {
  const [read, write, write1h] = [lane.read.slice(), lane.write.slice(), lane.write1h.slice()];
  const lastUsed = new Map<number, number>();
  forEachUse(workload, lane, (call, uses) => {
    const use = uses.find(({ key }) => prefixes.get(key)?.chosen);
    if (!use) return;
    const at = workload.ts[call] ?? 0;
    if (isHit(lastUsed.get(use.key), at, ttl)) {
      const { more, lessWritten } = onHit(lane, call, use.tokens);
      read[call] = (read[call] ?? 0) + more;
      write[call] = (write[call] ?? 0) - lessWritten;
      write1h[call] = Math.min(write1h[call] ?? 0, write[call] ?? 0);
    } else {
      const more = onMiss(lane, call, use.tokens);
      write[call] = (write[call] ?? 0) + more;
      if (ttl === "1h") write1h[call] = (write1h[call] ?? 0) + more;
    }
    lastUsed.set(use.key, at);
  });
  return { ...lane, read, write, write1h };
}

interface Use {
  readonly key: number;
  readonly tokens: number;
}

/** Visits each call with those of its prefixes that can be cached and come more than once. */
function forEachUse(
  workload: Workload,
  lane: Lane,
  visit: (call: number, uses: readonly Use[], rates: Rates) => void,
): void {
  const { blockStart, block, blockTokens, models, tiers, tier } = workload;
  const minimums = models.map((model) => cacheMinimum(model) ?? Number.POSITIVE_INFINITY);
  const uncached = tiers.map((name) => name !== null && TIERS_WITHOUT_CACHE.has(name));
  const counts = new Int32Array(workload.blocks);
  for (const id of block) counts[id] = (counts[id] ?? 0) + 1;
  for (let call = 0; call < workload.size; call++) {
    const rates = ratesOf(workload, lane, call);
    if (!rates || uncached[tier[call] ?? 0]) continue;
    const model = lane.model[call] ?? 0;
    const longest = lane.input[call] ?? 0;
    const uses: Use[] = [];
    for (let place = blockStart[call] ?? 0; place < (blockStart[call + 1] ?? 0); place++) {
      const id = block[place] ?? 0;
      const tokens = blockTokens[place] ?? 0;
      if ((counts[id] ?? 0) < 2 || tokens < (minimums[model] ?? 0) || tokens > longest) continue;
      uses.push({ key: id * models.length + model, tokens });
    }
    if (uses.length > 0) visit(call, uses, rates);
  }
}

function newPrefix(
  { feature }: Workload,
  { model }: Lane,
  call: number,
  tokens: number,
  shorter: Prefix | null,
): Prefix {
  return {
    model: model[call] ?? 0,
    feature: feature[call] ?? 0,
    tokens,
    shorter,
    lastUsed: Number.NEGATIVE_INFINITY,
    uses: 0,
    hits: 0,
    reached: 0,
    hitUsd: 0,
    missUsd: 0,
    hitsMissedUsd: 0,
    longerUsd: 0,
    chosen: false,
  };
}

function countUse(
  prefix: Prefix,
  { ts }: Workload,
  lane: Lane,
  call: number,
  rates: Rates,
  ttl: CacheTtl,
): void {
  const at = ts[call] ?? 0;
  const hit = isHit(prefix.lastUsed, at, ttl);
  const share = (lane.weight[call] ?? 0) / 1e6;
  const writeFee = writeRate(rates, ttl) - rates.input;
  const missed = share * onMiss(lane, call, prefix.tokens) * writeFee;
  prefix.uses += 1;
  prefix.lastUsed = at;
  if (!hit) {
    prefix.missUsd += missed;
    return;
  }
  const { more, lessWritten } = onHit(lane, call, prefix.tokens);
  prefix.hits += 1;
  if ((lane.read[call] ?? 0) > 0) prefix.reached += 1;
  prefix.hitsMissedUsd += missed;
  prefix.hitUsd +=
    share * more * (rates.input - rates.cache_read) +
    share * lessWritten * (rates.cache_write - rates.input);
}

/**
 * A prefix is chosen where it saves more than the best choice among the longer ones, and than none;
 * from the longest to the shortest, and then none of those that begin with a chosen one.
 */
function choose(prefixes: readonly Prefix[]): void {
  for (const prefix of prefixes.toReversed()) {
    const own = gainOf(prefix);
    prefix.chosen = own > 0 && own >= prefix.longerUsd;
    if (prefix.shorter) prefix.shorter.longerUsd += Math.max(own, prefix.longerUsd, 0);
  }
  const settled = new Set<Prefix>();
  for (const prefix of prefixes) {
    if (prefix.shorter && settled.has(prefix.shorter)) prefix.chosen = false;
    else if (!prefix.chosen) continue;
    settled.add(prefix);
  }
}
