/** A report's steps and recommendations as one list to tick off: what is planned, then what is not. */
import type { Recommendation, Report } from "../../protocol/report.ts";

type Step = Report["action_plan"][number];

/** One thing to do: planned, recommended, or both. */
export interface PlanItem {
  /** The same in every view of the same report. */
  readonly key: string;
  readonly title: string;
  readonly step: Step | null;
  readonly recommendation: Recommendation | null;
  /** What it rests on, each once. */
  readonly facts: readonly string[];
  /** What it surely saves a month, in US$; 0 where nothing is sure. */
  readonly surelyUsd: number;
}

/** @returns the steps in their order, each with its recommendation, then the rest of these. */
export function planItems({ action_plan, recommendations }: Report): readonly PlanItem[] {
  const rest = new Set(recommendations);
  const planned = action_plan.map((step): PlanItem => {
    const own = [...rest].find(({ facts }) => step.facts.some((fact) => facts.includes(fact)));
    if (own) rest.delete(own);
    return {
      key: `step-${step.position}`,
      title: step.title,
      step,
      recommendation: own ?? null,
      facts: [...new Set([...step.facts, ...(own?.facts ?? [])])],
      surelyUsd: Math.max(0, step.monthly_low_usd),
    };
  });
  const others = [...rest].map(
    (recommendation): PlanItem => ({
      key: `recommendation-${recommendations.indexOf(recommendation) + 1}`,
      title: recommendation.title,
      step: null,
      recommendation,
      facts: recommendation.facts,
      surelyUsd: Math.max(0, recommendation.monthly_savings_usd?.low ?? 0),
    }),
  );
  return [...planned, ...others];
}
