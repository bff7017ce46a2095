/** All levers of a workspace's calls: replayed one by one, for those who weigh them together. */
import type { Lever } from "../protocol/optimization.ts";
import { batchOpportunity } from "../usage/replay/batch-opportunity.ts";
import { cacheOpportunity } from "../usage/replay/cache-opportunity.ts";
import { duplicateOpportunity } from "../usage/replay/duplicate-opportunity.ts";
import type { Opportunity } from "../usage/replay/opportunity.ts";
import { pairedResult } from "../usage/replay/pass-share.ts";
import type { PortfolioParts } from "../usage/replay/portfolio.ts";
import type { RightSizeMode } from "../usage/replay/right-size.ts";
import {
  type RightSizeOpportunity,
  rightSizeOpportunity,
} from "../usage/replay/right-size-opportunity.ts";
import { trimOpportunity } from "../usage/replay/trim-opportunity.ts";
import type { CallModel, Workload } from "../usage/replay/workload.ts";
import type { Evaluation } from "../usage/workspace.ts";
import { ANSWER_TTL_H } from "./duplicate-response-opportunity.ts";
import type { ReplayScope } from "./replay-scope.ts";
import type { UsageTools } from "./usage-scope.ts";

/** The share of evaluated items that a cheaper model must pass, by its lower bound, unless told. */
export const MIN_PASS = 0.9;
/** The most pairs of models that are tried. */
const MOST_PAIRS = 12;
const HOUR_MS = 60 * 60_000;

export interface LeverQuestion {
  /** Only these levers; undefined for all. */
  readonly levers?: readonly Lever[] | undefined;
  /** Whether levers that may make people wait longer are left out. */
  readonly noLatencyCost: boolean;
}

/** @returns every lever's opportunity, those in no total with the reason. */
export async function leverOpportunities(
  tools: UsageTools,
  replay: ReplayScope,
  { levers, noLatencyCost }: LeverQuestion,
): Promise<PortfolioParts> {
  const { workload, profile } = replay;
  const { from, to } = replay.resolved.scope;
  const span = { from, to };
  const wanted = (lever: Lever) => levers === undefined || levers.includes(lever);
  const makers: readonly (readonly [Lever, () => Opportunity])[] = [
    [
      "duplicates",
      () =>
        duplicateOpportunity(workload, span, {
          ttlMs: ANSWER_TTL_H * HOUR_MS,
          allowedFeatures: profile.duplicates_allowed_features,
        }),
    ],
    ["trim", () => trimOpportunity(workload, span, ["context", "output"])],
    ["prompt_cache", () => cacheOpportunity(workload, span, "5m")],
    ["batch", () => batchOpportunity(workload, span)],
  ];
  const guard = <Kind extends Opportunity>(one: Kind): Kind =>
    noLatencyCost && (one.latencyEffect === "worse" || one.latencyEffect === "unknown")
      ? { ...one, leftOut: one.leftOut ?? "it may make people wait longer" }
      : one;
  return {
    rightSizes: wanted("right_size") ? (await rightSizes(tools, replay)).map(guard) : [],
    others: makers.filter(([lever]) => wanted(lever)).map(([, make]) => guard(make())),
  };
}

/** The pairs of models that the workspace has evaluations of, those with most items first. */
async function rightSizes(
  { workspaces }: UsageTools,
  { workload, resolved }: ReplayScope,
): Promise<RightSizeOpportunity[]> {
  const { workspaceId, from, to } = resolved.scope;
  const pairs = await workspaces.evaluatedPairs(workspaceId);
  const tried = pairs.toSorted((left, right) => right.items - left.items).slice(0, MOST_PAIRS);
  return Promise.all(
    tried.map(async (pair) => {
      const evaluations = await workspaces.evaluations({
        workspaceId,
        fromModel: pair.from_model,
        toModel: pair.to_model,
        evaluationSet: pair.evaluation_set,
      });
      const ofFeature = evaluations.filter(({ feature }) => feature === pair.feature);
      const found = rightSizeOpportunity(
        workload,
        { from, to },
        {
          move: moveOf(workload, pair.from_model, pair.to_model, ofFeature, "classifier"),
          result: pairedResult(ofFeature),
          minPass: MIN_PASS,
        },
      );
      const subject = [found.subject, pair.feature, pair.evaluation_set].filter(Boolean).join(", ");
      return { ...found, subject };
    }),
  );
}

/** @returns the move that evaluations are about: in the features they come from, where they say so. */
export function moveOf(
  { models }: Workload,
  from: string,
  to: string,
  evaluations: readonly Evaluation[],
  mode: RightSizeMode,
): { from: string; to: CallModel; features: readonly string[] | null; mode: RightSizeMode } {
  const known =
    models.find(({ asked }) => asked === to) ?? models.find(({ asked }) => asked === from);
  const features = [...new Set(evaluations.map(({ feature }) => feature))];
  const named = features.filter((feature) => feature !== null);
  return {
    from,
    to: { provider: known?.provider ?? "", asked: to, answered: null },
    features: named.length > 0 && named.length === features.length ? named : null,
    mode,
  };
}
