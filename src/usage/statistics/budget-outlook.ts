/** Where a budget's period is heading: by simulated futures, or at the run rate where days are few. */
import {
  endings,
  likelihoodPct,
  type Period,
  type Progress,
  progressOf,
  type Threshold,
  thresholds,
} from "./budget.ts";
import { type Band, bandOf, forecast, runRate } from "./forecast.ts";
import type { SpendSeries } from "./spend-series.ts";

export interface Outlook {
  readonly spentUsd: number;
  /** Days of the period that are not over. */
  readonly daysLeft: number;
  /** What the period comes to: the median of the futures, or the run rate's. */
  readonly endingUsd: number;
  /** Null where only a run rate can be given. */
  readonly band: Band | null;
  readonly overLimitPct: number | null;
  readonly thresholds: readonly Threshold[];
  /** Whole days that this stands on. */
  readonly pastDays: number;
}

/** @returns the outlook of a period against a limit in USD. */
export function outlookOf(series: SpendSeries, period: Period, limit: number): Outlook {
  const progress = progressOf(series, period);
  const paths = forecast(series.days, progress.ahead);
  const outcomes = paths && endings(progress, paths);
  const band = outcomes && bandOf(outcomes);
  return {
    spentUsd: progress.spentUsd,
    daysLeft: progress.ahead.length,
    endingUsd: band?.p50 ?? atRunRate(progress, runRate(series.days) ?? 0),
    band,
    overLimitPct: outcomes && likelihoodPct(outcomes, limit),
    thresholds: thresholds(progress, limit, outcomes),
    pastDays: series.days.length,
  };
}

function atRunRate(progress: Progress, usdPerDay: number): number {
  const [ending = 0] = endings(progress, [progress.ahead.map(() => usdPerDay)]);
  return ending;
}
