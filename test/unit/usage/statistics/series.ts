/** Made-up days of spend for the statistics' tests. */
import { shiftDay } from "../../../../src/usage/calendar.ts";
import { RandomSource } from "../../../../src/usage/random-source.ts";
import type { DaySpend } from "../../../../src/usage/statistics/spend-series.ts";

/** A Monday. */
export const MONDAY = "2026-08-31";

/** @returns so many days from a Monday on, each as its number (from 0) says. */
export function daysOf(count: number, usd: (index: number) => number): DaySpend[] {
  return Array.from({ length: count }, (_, index) => ({
    day: shiftDay(MONDAY, index),
    usd: usd(index),
  }));
}

/** @returns normal chances, the same for the same seed (Box and Muller's transform). */
export function chances(seed: number): () => number {
  const random = new RandomSource(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
