/** How much of a window a replay reads: bounded, and said so where it is less than was asked for. */
import { dayOf, shiftDay, startOfDay } from "../usage/calendar.ts";
import { byHour } from "../usage/statistics/spend-series.ts";
import { MAX_REPLAYED, type Scope } from "../usage/store.ts";
import { NO_USAGE, type UsageSums } from "../usage/sums.ts";
import { count } from "./figures.ts";
import type { ResolvedScope, UsageTools } from "./usage-scope.ts";

/**
 * @returns the scope, shortened to its last whole days where it holds more records than one replay
 *   reads ({@link MAX_REPLAYED}), and its sums. A last day that alone holds more stays whole.
 */
export async function boundedToReplay(
  { usage }: UsageTools,
  resolved: ResolvedScope,
  most = MAX_REPLAYED,
): Promise<ResolvedScope & { readonly sums: UsageSums }> {
  const { scope, calendar, assumptions } = resolved;
  const sumsOf = async (of: Scope) => (await usage.groups(of, []))[0]?.sums ?? NO_USAGE;
  const sums = await sumsOf(scope);
  if (sums.records <= most) return { ...resolved, sums };
  const hours = await byHour(usage, scope);
  let [left, begins] = [most, scope.to];
  for (const hour of hours.toReversed()) {
    left -= hour.sums.records;
    if (left < 0) break;
    begins = hour.begins;
  }
  const wholeFrom = startOfDay(calendar, shiftDay(dayOf(calendar, begins - 1), 1));
  const lastDay = Math.max(scope.from, startOfDay(calendar, dayOf(calendar, scope.to - 1)));
  const shortened = { ...scope, from: Math.min(wholeFrom, lastDay) };
  const told = `The window holds ${count(sums.records)} records, more than one replay reads, so it is shortened to its last whole days.`;
  return {
    ...resolved,
    scope: shortened,
    assumptions: [...assumptions, told],
    sums: await sumsOf(shortened),
  };
}
