/** How a budget stands: what is spent of its period, what is to come, and which thresholds that passes. */
import * as z from "zod";
import { daysFrom, shiftDay } from "../calendar.ts";
import type { Paths } from "./forecast.ts";
import type { DaySpend, SpendSeries } from "./spend-series.ts";

/** Shares of the limit at which people want to hear of it, percent. */
const THRESHOLDS = [50, 80, 100] as const;
/** The forecast is an alert where at least this share of its paths passes a threshold. */
const LIKELY = 0.5;

export const BudgetPeriod = z.enum(["week", "month", "quarter"]);
export type BudgetPeriod = z.infer<typeof BudgetPeriod>;

/** The days of a period: the first, and the one after the last. */
export interface Period {
  readonly first: string;
  readonly end: string;
}

export const Threshold = z.object({
  threshold_pct: z.number(),
  threshold_usd: z.number(),
  state: z.enum(["crossed", "forecast", "clear"]),
  crossed_on: z.string().nullable().describe("The day by whose end it was passed"),
  likelihood_pct: z
    .number()
    .nullable()
    .describe("Share of the forecast paths above it at the period's end; null without a forecast"),
});
export type Threshold = z.infer<typeof Threshold>;

/** @returns the calendar week (from Monday), month or quarter a day stands in. */
export function periodOf(day: string, period: BudgetPeriod): Period {
  const moment = new Date(Date.parse(day));
  if (period === "week") {
    const first = shiftDay(day, -((moment.getUTCDay() + 6) % 7));
    return { first, end: shiftDay(first, 7) };
  }
  const [year, month] = [moment.getUTCFullYear(), moment.getUTCMonth()];
  const [begins, months] = period === "month" ? [month, 1] : [month - (month % 3), 3];
  const iso = (of: number) => new Date(Date.UTC(year, of, 1)).toISOString().slice(0, 10);
  return { first: iso(begins), end: iso(begins + months) };
}

/** What is known of a period: its days so far, the first perhaps in part, and those that are left. */
export interface Progress {
  readonly spent: readonly DaySpend[];
  readonly spentUsd: number;
  /** The day that has begun, if there is one, and all after it. */
  readonly ahead: readonly string[];
  /** What the first of them has cost already, USD. */
  readonly begunUsd: number;
}

/** @returns how far a period has come, by the spend of its days. */
export function progressOf(
  { days, opening, begun }: SpendSeries,
  { first, end }: Period,
): Progress {
  const last = days.at(-1)?.day;
  const next = last === undefined ? (begun?.day ?? first) : shiftDay(last, 1);
  const spent = [...(opening ? [opening] : []), ...days].filter(
    ({ day }) => day >= first && day < end,
  );
  const begunUsd = begun?.day === next ? begun.usd : 0;
  const whole = spent.reduce((sum, { usd }) => sum + usd, 0);
  return {
    spent,
    spentUsd: whole + begunUsd,
    ahead: daysFrom(next, end),
    begunUsd,
  };
}

/** @returns what each path comes to at the period's end; the day begun never below what it cost. */
export function endings({ spentUsd, begunUsd }: Progress, paths: Paths): number[] {
  return paths.map(([today = 0, ...later]) =>
    later.reduce((sum, usd) => sum + usd, spentUsd - begunUsd + Math.max(today, begunUsd)),
  );
}

/** @returns the percentage of outcomes above a limit. */
export function likelihoodPct(outcomes: readonly number[], limit: number): number {
  return (100 * outcomes.filter((usd) => usd > limit).length) / outcomes.length;
}

/**
 * @param outcomes what the period may come to; none where there is no forecast.
 * @returns every threshold: passed already, likely to be, or neither.
 */
export function thresholds(
  progress: Progress,
  limit: number,
  outcomes: readonly number[] | null,
): Threshold[] {
  return THRESHOLDS.map((percent): Threshold => {
    const usd = (limit * percent) / 100;
    const crossed = progress.spentUsd > usd;
    const likelihood = outcomes && likelihoodPct(outcomes, usd);
    const ahead = likelihood !== null && likelihood >= 100 * LIKELY;
    return {
      threshold_pct: percent,
      threshold_usd: usd,
      state: crossed ? "crossed" : ahead ? "forecast" : "clear",
      crossed_on: crossed ? crossedOn(progress, usd) : null,
      likelihood_pct: likelihood,
    };
  });
}

/** The day by whose end a spend was passed: one of the whole days, or else the day begun. */
function crossedOn({ spent, ahead }: Progress, usd: number): string | null {
  let sum = 0;
  for (const day of spent) {
    sum += day.usd;
    if (sum > usd) return day.day;
  }
  return ahead[0] ?? null;
}
