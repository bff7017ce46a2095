/** How a run ended, as its checkpoints tell it. */
import { answerText, type Step, usageOf } from "../core/checkpoint.ts";
import type { Model } from "../core/model.ts";
import type { RunEnd, RunRow } from "./run-row.ts";

/** @returns the outcome, or null where the steps have no end yet. */
export function outcomeOf(
  run: RunRow,
  steps: readonly Step[],
  cost: Model["cost"],
): Omit<RunEnd, "endedSeq"> | null {
  const end = steps.at(-1);
  if (end?.kind !== "end") return null;
  return {
    status: end.status,
    endedAt: end.at,
    answer: answerText(steps),
    usage: usageOf(steps, run.model, cost),
    problem: end.problem,
  };
}
