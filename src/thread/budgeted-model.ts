/** Wraps the model for one run, so that the run cannot cost more than it may. */
import { type Step, usageOf } from "../core/checkpoint.ts";
import type { Model } from "../core/model.ts";
import { withinBudget } from "../core/run-budget.ts";
import type { ApexError } from "../protocol/errors.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";

/** @returns a model that stops the run when its budget is used up. */
export function budgetedModel(
  row: Pick<RunRow, "max_cost_usd" | "model">,
  steps: readonly Step[],
  { model }: Pick<Ports, "model">,
  stop: (reason: ApexError) => void,
): Model {
  if (row.max_cost_usd === null) return model;
  const spentUsd = usageOf(steps, row.model, model.cost).cost_usd ?? 0;
  return withinBudget(model, { usd: row.max_cost_usd, spentUsd, stop });
}
