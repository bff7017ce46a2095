/** The estimates of savings against the truth: lever by lever, together, and at a company with none. */
import type { LoggedEvent } from "../../src/client/index.ts";
import type { Estimate, Lever } from "../../src/protocol/optimization.ts";
import type { SampleTruth } from "../../src/usage/sample/truth.ts";
import { MONTH_DAYS } from "../../src/usage/statistics/monthly.ts";
import { portfoliosOf } from "./judge.ts";
import { daysOf } from "./score.ts";

/** An estimate held against the truth. */
export interface Held {
  readonly estimated_usd: number;
  readonly true_usd: number;
  readonly error_pct: number;
  /** Whether the truth lies between its bounds. */
  readonly covered: boolean;
}

export const LEVERS_QUESTION = "What is the ROI of all levers over the last 60 days?";
export const CONTROL_QUESTION = "What is the ROI of all levers?";

/** @returns each lever beside the others, and all together, a month; null where there is no portfolio. */
export function heldAgainst(
  events: readonly LoggedEvent[],
  truth: SampleTruth,
): Record<Lever | "joint", Held> | null {
  const [portfolio] = portfoliosOf(events);
  if (!portfolio) return null;
  const monthly = (usd: number) => (usd * MONTH_DAYS) / daysOf(truth);
  const of = (lever: Lever) =>
    held(
      sumOf(
        portfolio.levers
          .filter((saving) => saving.lever === lever && saving.left_out === null)
          .map(({ monthly_usd }) => monthly_usd),
      ),
      monthly(truth.marginalUsd[lever]),
    );
  return {
    duplicates: of("duplicates"),
    right_size: of("right_size"),
    trim: of("trim"),
    prompt_cache: of("prompt_cache"),
    batch: of("batch"),
    joint: held(portfolio.monthly_usd, monthly(truth.jointUsd)),
  };
}

/** @returns what is claimed where nothing can be saved, in percent of the spend. */
export function falseSavings(events: readonly LoggedEvent[]): number | null {
  return portfoliosOf(events)[0]?.saving_pct.value ?? null;
}

function held({ value, low, high }: Estimate, truth: number): Held {
  return {
    estimated_usd: value,
    true_usd: truth,
    error_pct: (100 * (value - truth)) / truth,
    covered: low <= truth && truth <= high,
  };
}

function sumOf(estimates: readonly Estimate[]): Estimate {
  const sum = (of: (estimate: Estimate) => number) =>
    estimates.reduce((total, estimate) => total + of(estimate), 0);
  return {
    value: sum(({ value }) => value),
    low: sum(({ low }) => low),
    high: sum(({ high }) => high),
  };
}
