/** The part of a window that there are records from: what a rate is over. */
import { timestamp } from "../core/clock.ts";
import { DAY_MS } from "../usage/calendar.ts";
import type { ResolvedScope } from "./usage-scope.ts";

/** Records that begin or end this share of a window from its edge, a day at most, make it whole. */
const QUIET_SHARE = 1 / 30;

/**
 * @returns the scope without the time before records began and after they end, days to come among it;
 *   as it is where there are no records in it.
 */
export function coveredScope(resolved: ResolvedScope): ResolvedScope {
  const { scope, extent, assumptions } = resolved;
  if (extent === null || extent.last < scope.from || extent.first >= scope.to) return resolved;
  const quiet = Math.min(DAY_MS, (scope.to - scope.from) * QUIET_SHARE);
  const end = extent.last + 1;
  const from = extent.first - scope.from > quiet ? extent.first : scope.from;
  const to = scope.to - end > quiet ? end : scope.to;
  if (from === scope.from && to === scope.to) return resolved;
  const told = `Records reach from ${timestamp(extent.first)} to ${timestamp(extent.last)}: rates are over that part of the window alone.`;
  return { ...resolved, scope: { ...scope, from, to }, assumptions: [...assumptions, told] };
}
