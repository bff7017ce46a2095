/** What spending comes to: a trend and a weekend on the logarithm of days, and what chance did to them. */
import * as z from "zod";
import { DAY_MS, isWeekend } from "../calendar.ts";
import { RandomSource } from "../random-source.ts";
import type { DaySpend } from "./spend-series.ts";

/** Whole days a forecast stands on; under them there is a run rate, and no interval. */
export const FORECAST_DAYS = 28;
/** Days of them with any spend at all. */
const SPENDING_DAYS = 14;
const PATHS = 1_000;
/** Any seed does; the same question has the same answer everywhere. */
const SEED = 20_261_121;
/** A day that the fit follows all the way tells nothing of chance. */
const LEAST_FREE = 1e-9;

/** The tenth, fiftieth and ninetieth of a hundred outcomes, USD. */
export const Band = z.object({ p10: z.number(), p50: z.number(), p90: z.number() });
export type Band = z.infer<typeof Band>;

/** What each simulated future spends on each day ahead, USD. */
export type Paths = readonly (readonly number[])[];

/** A day, by its place in time and its type. */
interface Place {
  readonly t: number;
  readonly weekend: boolean;
}

/** ln(spend) at a place: a level for its type of day, and a slope that all share. */
type Pattern = (place: Place) => number;

/**
 * Simulates the days ahead by a bootstrap of residuals (Davison and Hinkley, Bootstrap Methods,
 * 6.3): each path is fitted anew to a past whose chances are drawn again, so that it carries the doubt
 * about the trend too. A type of day without spend stays as often without.
 * @param days whole days without gaps, the earliest first.
 * @param ahead the days to simulate (2026-11-21).
 * @returns the paths, or null where the days are too few.
 */
export function forecast(days: readonly DaySpend[], ahead: readonly string[]): Paths | null {
  const spending = days.filter(({ usd }) => usd > 0);
  if (days.length < FORECAST_DAYS || spending.length < SPENDING_DAYS) return null;
  const first = Date.parse(days[0]?.day ?? "");
  const placeOf = (day: string): Place => ({
    t: (Date.parse(day) - first) / DAY_MS,
    weekend: isWeekend(day),
  });
  const past = leastSquares(spending.map(({ day }) => placeOf(day)));
  const { fitted, residuals } = past.apart(spending.map(({ usd }) => Math.log(usd)));
  const random = new RandomSource(SEED);
  const draw = () => residuals[random.integer(residuals.length)] ?? 0;
  const idle = { weekday: idleShare(days, false), weekend: idleShare(days, true) };
  const future = ahead.map(placeOf);
  return Array.from({ length: PATHS }, () => {
    const pattern = past.patternOf(fitted.map((ln) => ln + draw()));
    return future.map((place) =>
      random.chance(place.weekend ? idle.weekend : idle.weekday)
        ? 0
        : Math.exp(pattern(place) + draw()),
    );
  });
}

/** @returns the band of the paths' sums. */
export function totalBand(paths: Paths): Band {
  return bandOf(paths.map((path) => path.reduce((sum, usd) => sum + usd, 0)));
}

/** @returns the band of each day ahead. */
export function dailyBands(paths: Paths): Band[] {
  return (paths[0] ?? []).map((_, day) => bandOf(paths.map((path) => path[day] ?? 0)));
}

/** @returns USD a day, over all the days there are; null without any. */
export function runRate(days: readonly DaySpend[]): number | null {
  if (days.length === 0) return null;
  return days.reduce((sum, { usd }) => sum + usd, 0) / days.length;
}

/** @returns the band of outcomes, by nearest rank. */
export function bandOf(outcomes: readonly number[]): Band {
  const sorted = outcomes.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

/** The share of the days of a type on which nothing was spent. */
function idleShare(days: readonly DaySpend[], weekend: boolean): number {
  const alike = days.filter(({ day }) => isWeekend(day) === weekend);
  return alike.filter(({ usd }) => usd === 0).length / Math.max(1, alike.length);
}

/**
 * Least squares over places that stay while what is fitted changes. Each type of day has its own
 * mean place and level, so the slope is what is left within the types.
 */
function leastSquares(places: readonly Place[]) {
  const weekdays = meanOf(places.flatMap(({ t, weekend }) => (weekend ? [] : t)));
  const weekends = meanOf(places.flatMap(({ t, weekend }) => (weekend ? t : [])));
  const typeOf = (weekend: boolean) => (weekend ? weekends : weekdays);
  const apart = places.map(({ t, weekend }) => t - typeOf(weekend).mean);
  const square = apart.reduce((sum, distance) => sum + distance ** 2, 0);

  function patternOf(values: readonly number[]): Pattern {
    let [cross, weekday, weekend] = [0, 0, 0];
    places.forEach((place, index) => {
      const value = values[index] ?? 0;
      cross += (apart[index] ?? 0) * value;
      if (place.weekend) weekend += value;
      else weekday += value;
    });
    const slope = square > 0 ? cross / square : 0;
    const level = {
      weekday: weekday / Math.max(1, weekdays.count),
      weekend: weekend / Math.max(1, weekends.count),
    };
    return (place) =>
      (place.weekend ? level.weekend : level.weekday) +
      slope * (place.t - typeOf(place.weekend).mean);
  }

  /** What chance did to a value, as far as the fit did not take it for the pattern. */
  function residual(value: number, fitted: number, index: number): number {
    const type = typeOf(places[index]?.weekend ?? false);
    const leverage = 1 / type.count + (square > 0 ? (apart[index] ?? 0) ** 2 / square : 0);
    const free = 1 - leverage;
    return free > LEAST_FREE ? (value - fitted) / Math.sqrt(free) : 0;
  }

  return {
    patternOf,
    /** @returns the pattern in values, and what chance did to each; its mean is zero. */
    apart(values: readonly number[]) {
      const fitted = places.map(patternOf(values));
      const residuals = values.map((value, index) => residual(value, fitted[index] ?? 0, index));
      const { mean } = meanOf(residuals);
      return { fitted, residuals: residuals.map((chance) => chance - mean) };
    },
  };
}

function meanOf(values: readonly number[]) {
  const sum = values.reduce((total, value) => total + value, 0);
  return { count: values.length, mean: sum / Math.max(1, values.length) };
}
