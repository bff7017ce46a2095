/** Figures of a window as figures of a month. */

import { measured } from "../../protocol/plural.ts";
import { DAY_MS } from "../calendar.ts";

/** Days of an average month: 365.25 / 12. */
export const MONTH_DAYS = 30.4375;

/** From so many days of records on it is known how days differ, and a figure of a month has bounds. */
export const BOUNDED_DAYS = 7;

/** Records that begin and end within an hour of a window's edges make its days whole. */
const EDGES_DAYS = 2 / 24;

/** @returns how many whole days records reach over. */
export function wholeDays(days: number): number {
  return Math.floor(days + EDGES_DAYS);
}

/** @returns why records over so many days say nothing of a month; null where they do. */
export function noMonth(days: number): string | null {
  return wholeDays(days) >= 1
    ? null
    : `Not assessable: the records reach over ${measured(24 * days, "hour")}. A figure of a month takes those of a day at least.`;
}

/** @returns what a sum over a window comes to in a month, at the same rate. */
export function monthly(
  sum: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  return (sum * MONTH_DAYS * DAY_MS) / (to - from);
}
