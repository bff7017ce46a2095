/** What caching prompts' prefixes would save, what of it a team reaches, and where it would lose. */
import type { Sliced } from "../../core/slices.ts";
import { callsForBatch } from "./cache-or-batch.ts";
import { breakEvenHits, type CacheTtl } from "./cache-use.ts";
import { type LeverStep, replayAlone } from "./joint.ts";
import type { Opportunity } from "./opportunity.ts";
import { type CachePlan, gainOf, planCache, withPromptCache } from "./prompt-cache.ts";
import type { Span } from "./saving.ts";
import { unseenShares, withUnseen } from "./unseen.ts";
import type { Lane, Workload } from "./workload.ts";

/** The share of possible hits that the low bound takes where the team's own is unknown. */
const ASSUMED_REACH = 0.5;

/** What marking the end of one block in a feature's prompts would do. */
export interface RuleFacts {
  readonly feature: string | null;
  readonly model: string;
  /** The block to mark, from 1: tools, system, messages where the source tells them apart. */
  readonly block: number;
  /** Mean length of the beginning up to there. */
  readonly tokens: number;
  readonly uses: number;
  readonly hitShare: number;
  /** The share of hits from which on it saves, at the model's latest price. */
  readonly breakEven: number;
  /** USD in the window; negative where it would lose. */
  readonly usd: number;
  readonly chosen: boolean;
}

/** A lever's opportunity, and what it stands on. */
export interface CacheOpportunity extends Opportunity {
  /** The share of possible hits that calls with a cache in use reach; null where none is. */
  readonly reach: number | null;
  /** The best rule of each feature and model: those that save or lose most come first. */
  readonly rules: readonly RuleFacts[];
  /** USD in the window that following the rules that lose would cost; at most 0. */
  readonly lossUsd: number;
}

const ASSUMPTIONS = [
  "A prefix is read where it was used within its time to live before, which each use renews, and written otherwise; prefixes under the model's minimum are never cached. What is cached already is not counted again.",
  "Beside the batch tier a call that can wait takes whichever of the two saves more; what moves to a batch reads nothing new from the cache and keeps nothing there for others.",
  "Every possible hit is taken to be one, which is an upper bound.",
];

/** @returns the opportunity; without one hash of a prompt's blocks it is not assessable. */
export function* cacheOpportunity(
  workload: Workload,
  span: Span,
  ttl: CacheTtl,
): Sliced<CacheOpportunity> {
  const plan = yield* planCache(workload, workload.asMade, ttl);
  const step = cacheStep(ttl);
  const saving = yield* replayAlone(workload, step, span);
  const reach = reachOf(plan);
  const unseen = unseenShares(
    workload,
    () => true,
    (call) => (workload.blockStart[call + 1] ?? 0) > (workload.blockStart[call] ?? 0),
  );
  const chosen = [...plan.rules.values()].filter((rule) => rule.chosen);
  const lessReached = chosen.reduce(
    (sum, { hitUsd, hitsMissedUsd }) => sum + hitUsd + hitsMissedUsd,
    0,
  );
  const rules = describeRules(workload, plan);
  return {
    lever: "prompt_cache",
    title: "Cache the beginnings that prompts share",
    subject: null,
    step,
    saving,
    estimate: {
      value: saving.usd,
      low: saving.usd - (1 - (reach ?? ASSUMED_REACH)) * lessReached,
      high: withUnseen(workload, saving, unseen),
    },
    basis: "replayed",
    latencyEffect: "better",
    assumptions: [...ASSUMPTIONS, reachInWords(reach), ...hourInWords(workload, plan)],
    notAssessable:
      workload.blocks > 0
        ? null
        : "Not assessable: no record has hashes of its prompt's blocks. Records with block_hmacs would make it so.",
    leftOut: null,
    reach,
    rules,
    lossUsd: rules.reduce((sum, { usd, chosen: kept }) => sum + (kept ? 0 : Math.min(0, usd)), 0),
  };
}

/**
 * @returns the step of caching, in each lane, the prefixes that are worth it there; beside a batch, of
 *   the calls that do better in the cache.
 */
export function cacheStep(ttl: CacheTtl): LeverStep {
  return {
    lever: "prompt_cache",
    *apply(workload, lanes, later = []) {
      const waits = later.find((step) => step.waits)?.waits;
      const cached: Lane[] = [];
      for (const before of lanes) {
        const batched = waits && (yield* callsForBatch(workload, before, ttl, waits));
        const lane = batched ? { ...before, batched } : before;
        const plan = yield* planCache(workload, lane, ttl);
        cached.push(yield* withPromptCache(workload, lane, plan));
      }
      return cached;
    },
  };
}

function reachOf({ rules }: CachePlan): number | null {
  const inUse = [...rules.values()].filter(({ reached }) => reached > 0);
  const hits = inUse.reduce((sum, rule) => sum + rule.hits, 0);
  return hits === 0 ? null : inUse.reduce((sum, { reached }) => sum + reached, 0) / hits;
}

function reachInWords(reach: number | null): string {
  return reach === null
    ? `No cache is in use yet, so nobody knows how many of the possible hits the team reaches: the low bound assumes ${100 * ASSUMED_REACH} %.`
    : `Where a cache is in use, ${(100 * reach).toFixed(1)} % of the possible hits are reached: the low bound takes that share.`;
}

/** Where nobody states what an hour costs, that is said: it is mostly more than five minutes do. */
function hourInWords({ models }: Workload, { rules, ttl }: CachePlan): string[] {
  if (ttl !== "1h") return [];
  const unknown = [...rules.values()].flatMap(({ model, lastRates }) =>
    lastRates.cache_write_1h === undefined ? (models[model]?.asked ?? []) : [],
  );
  if (unknown.length === 0) return [];
  const named = [...new Set(unknown)].sort().join(", ");
  return [
    `No price for keeping tokens an hour is known of ${named}: those are priced as if kept for five minutes.`,
  ];
}

function describeRules(workload: Workload, { rules, ttl }: CachePlan): RuleFacts[] {
  const groups = Map.groupBy(rules.values(), ({ feature, model }) => `${feature} ${model}`);
  return [...groups.values()]
    .flatMap((rivals) => {
      const [best] = rivals.toSorted((left, right) => gainOf(right) - gainOf(left));
      return best ?? [];
    })
    .map((rule) => ({
      feature: workload.features[rule.feature] ?? null,
      model: workload.models[rule.model]?.asked ?? "",
      block: rule.place + 1,
      tokens: rule.tokens / rule.uses,
      uses: rule.uses,
      hitShare: rule.hits / rule.uses,
      breakEven: breakEvenHits(rule.lastRates, ttl),
      usd: gainOf(rule),
      chosen: rule.chosen,
    }))
    .toSorted((left, right) => Math.abs(right.usd) - Math.abs(left.usd));
}
