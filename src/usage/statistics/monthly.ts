/** Figures of a window as figures of a month. */
import { DAY_MS } from "../calendar.ts";

/** Days of an average month: 365.25 / 12. */
export const MONTH_DAYS = 30.4375;

/** @returns what a sum over a window comes to in a month, at the same rate. */
export function monthly(
  sum: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  return (sum * MONTH_DAYS * DAY_MS) / (to - from);
}
