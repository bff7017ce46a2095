/** All levers of a workspace's calls: replayed one by one, for those who weigh them together. */
import type { Lever } from "../protocol/optimization.ts";
import { HOUR_MS } from "../usage/calendar.ts";
import { providerOf, UNKNOWN_PROVIDER } from "../usage/import/providers.ts";
import type { Opportunity } from "../usage/replay/opportunity.ts";
import { pairedResult } from "../usage/replay/pass-share.ts";
import type { PortfolioParts } from "../usage/replay/portfolio.ts";
import type { RightSizeMode } from "../usage/replay/right-size.ts";
import type { RightSizeOpportunity } from "../usage/replay/right-size-opportunity.ts";
import type { CallModel, Workload } from "../usage/replay/workload.ts";
import type { Evaluation } from "../usage/workspace.ts";
import { ANSWER_TTL_H } from "./duplicate-response-opportunity.ts";
import {
  replayBatch,
  replayCache,
  replayDuplicates,
  replayRightSize,
  replayTrim,
} from "./lever-replays.ts";
import type { ReplayScope } from "./replay-scope.ts";
import type { UsageTools } from "./usage-scope.ts";

/** The share of evaluated items that a cheaper model must pass, by its lower bound, unless told. */
export const MIN_PASS = 0.9;
/** The most pairs of models that are tried. */
const MOST_PAIRS = 12;

export interface LeverQuestion {
  /** Only these levers; undefined for all. */
  readonly levers?: readonly Lever[] | undefined;
  /** Whether levers that may make people wait longer are left out. */
  readonly noLatencyCost: boolean;
}

/** The levers, and what of them was not looked at. */
export interface LeverParts extends PortfolioParts {
  /** Evaluated pairs of models that were not replayed, since they are too many. */
  readonly pairsLeftOut: number;
}

/** @returns every lever's opportunity, those in no total with the reason. */
export async function leverOpportunities(
  tools: UsageTools,
  replay: ReplayScope,
  { levers, noLatencyCost }: LeverQuestion,
): Promise<LeverParts> {
  const wanted = (lever: Lever) => levers === undefined || levers.includes(lever);
  const makers: readonly (readonly [Lever, () => Promise<Opportunity>])[] = [
    [
      "duplicates",
      () =>
        replayDuplicates(replay, {
          ttlMs: ANSWER_TTL_H * HOUR_MS,
          allowedFeatures: replay.profile.duplicates_allowed_features,
        }),
    ],
    ["trim", () => replayTrim(replay, ["context", "output"])],
    ["prompt_cache", () => replayCache(replay, "5m")],
    ["batch", () => replayBatch(replay)],
  ];
  const guard = <Kind extends Opportunity>(one: Kind): Kind =>
    noLatencyCost && (one.latencyEffect === "worse" || one.latencyEffect === "unknown")
      ? { ...one, leftOut: one.leftOut ?? "it may make people wait longer" }
      : one;
  const others: Opportunity[] = [];
  // One after another: side by side they would only hold their columns at the same time.
  for (const [lever, make] of makers) if (wanted(lever)) others.push(guard(await make()));
  const { found, leftOut } = wanted("right_size")
    ? await rightSizes(tools, replay)
    : { found: [], leftOut: 0 };
  return { rightSizes: found.map(guard), pairsLeftOut: leftOut, others };
}

/** The pairs of models that the workspace has evaluations of, those with most items first, and how many more there are. */
async function rightSizes(
  { workspaces }: UsageTools,
  replay: ReplayScope,
): Promise<{ found: RightSizeOpportunity[]; leftOut: number }> {
  const { workspaceId } = replay.resolved.scope;
  const pairs = await workspaces.evaluatedPairs(workspaceId);
  const tried = pairs.toSorted((left, right) => right.items - left.items).slice(0, MOST_PAIRS);
  const opportunities: RightSizeOpportunity[] = [];
  for (const pair of tried) {
    const evaluations = await workspaces.evaluations({
      workspaceId,
      fromModel: pair.from_model,
      toModel: pair.to_model,
      evaluationSet: pair.evaluation_set,
    });
    const ofFeature = evaluations.filter(({ feature }) => feature === pair.feature);
    const found = await replayRightSize(replay, {
      move: moveOf(replay.workload, pair.from_model, pair.to_model, ofFeature, "classifier"),
      result: pairedResult(ofFeature),
      minPass: MIN_PASS,
    });
    const subject = [found.subject, pair.feature, pair.evaluation_set].filter(Boolean).join(", ");
    opportunities.push({ ...found, subject });
  }
  return { found: opportunities, leftOut: pairs.length - tried.length };
}

/** @returns the move that evaluations are about: in the features they come from, where they say so. */
export function moveOf(
  { models }: Workload,
  from: string,
  to: string,
  evaluations: readonly Evaluation[],
  mode: RightSizeMode,
): { from: string; to: CallModel; features: readonly string[] | null; mode: RightSizeMode } {
  const features = [...new Set(evaluations.map(({ feature }) => feature))];
  const named = features.filter((feature) => feature !== null);
  return {
    from,
    to: { provider: providerOfTarget(models, from, to), asked: to, answered: null },
    features: named.length > 0 && named.length === features.length ? named : null,
    mode,
  };
}

/** Whoever serves the model already; else whoever serves the one in use, where both are of one maker. */
function providerOfTarget(models: readonly CallModel[], from: string, to: string): string {
  const serving = (model: string) =>
    models.find(({ asked, answered }) => asked === model || answered === model)?.provider;
  const maker = providerOf(null, to);
  const stays = maker === UNKNOWN_PROVIDER || maker === providerOf(null, from);
  return serving(to) ?? (stays ? serving(from) : undefined) ?? maker;
}
