/** What cutting prompts and answers out of the ordinary to the usual length would save. */
import type { Sliced } from "../../core/slices.ts";
import { type LeverStep, replayAlone } from "./joint.ts";
import type { Opportunity } from "./opportunity.ts";
import type { Span } from "./saving.ts";
import {
  excessOf,
  planTrim,
  type TrimLength,
  type TrimPlan,
  type TrimTarget,
  trimmed,
} from "./trim.ts";
import type { Lane, Workload } from "./workload.ts";

const ASSUMPTIONS = [
  "A length is out of the ordinary where it is four deviations (1.4826 times the median absolute deviation of logarithms) over its feature's median, and at least one and a half times it. It is cut to the mean of the ordinary ones; the bounds cut to their 95th and their 5th percentile.",
  "Prompts are cut behind what was read from a cache; tokens cut out of a cached part are priced as cached ones. Whether the cut parts were needed is unknown: the step's test decides.",
];

/** @returns the opportunity of cutting all of these; features with under 100 calls are left as they are. */
export function* trimOpportunity(
  workload: Workload,
  span: Span,
  targets: readonly TrimTarget[],
): Sliced<Opportunity> {
  const plans: TrimPlan[] = [];
  for (const target of targets) plans.push(yield* planTrim(workload, target));
  const stepTo = (length: TrimLength): LeverStep => {
    const cuts = plans.map((plan) => [plan.target, excessOf(workload, plan, length)] as const);
    return {
      lever: "trim",
      *apply(_, lanes) {
        const shorter: Lane[] = [];
        for (const lane of lanes) {
          yield;
          shorter.push(
            cuts.reduce((left, [target, excess]) => trimmed(left, target, excess), lane),
          );
        }
        return shorter;
      },
    };
  };
  const step = stepTo("mean");
  const saving = yield* replayAlone(workload, step, span);
  const low = yield* replayAlone(workload, stepTo("long"), span);
  const high = yield* replayAlone(workload, stepTo("short"), span);
  return {
    lever: "trim",
    title: `Cut ${targets.join(" and ")} out of the ordinary to the usual length`,
    subject: null,
    step,
    saving,
    estimate: { value: saving.usd, low: low.usd, high: high.usd },
    basis: "simulated",
    latencyEffect: "better",
    assumptions: ASSUMPTIONS,
    notAssessable: plans.some(({ usual }) => usual.some((length) => length !== null))
      ? null
      : "Not assessable: no feature has 100 successful single calls, so none has a usual length.",
    leftOut: null,
  };
}
