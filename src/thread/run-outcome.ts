/** How a run ended, as its checkpoints tell it. */
import { answerText, type Step, usageOf } from "../core/checkpoint.ts";
import { factOf } from "../core/grounding/facts.ts";
import type { Model } from "../core/model.ts";
import { resultsOf } from "../core/report/run-results.ts";
import type { RunEnd, RunRow } from "./run-row.ts";

/** Figures of a run that the runs after it are told of. */
const MAX_FACTS = 200;

/** @returns the outcome, or null where the steps have no end yet. */
export function outcomeOf(
  run: RunRow,
  steps: readonly Step[],
  cost: Model["cost"],
): Omit<RunEnd, "endedSeq"> | null {
  const end = steps.at(-1);
  if (end?.kind !== "end") return null;
  const { findings, report } = resultsOf(steps, end, run.agent);
  const facts = findings.slice(0, MAX_FACTS).map(factOf);
  return {
    status: end.status,
    endedAt: end.at,
    answer: answerText(steps),
    usage: usageOf(steps, run.model, cost),
    problem: end.problem,
    facts: facts.length === 0 ? null : JSON.stringify(facts),
    report: report && JSON.stringify(report),
  };
}
