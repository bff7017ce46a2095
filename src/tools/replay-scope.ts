/** What the savings tools replay: the calls of a window as a workload, bounded, and what goes with them. */
import type { ToolContext } from "../core/tool.ts";
import { DAY_MS } from "../usage/calendar.ts";
import { MAX_REPLAYED, type UsageGroup } from "../usage/store.ts";
import { sumUsage, type UsageSums } from "../usage/sums.ts";
import type { WorkspaceProfile } from "../usage/workspace.ts";
import { count } from "./figures.ts";
import { atReplayedPrices } from "./replay-prices.ts";
import type { Replayable } from "./replayed.ts";
import { sharedWorkload } from "./shared-workload.ts";
import { type ResolvedScope, resolveScope, type UsageTools } from "./usage-scope.ts";

/** A window of calls to replay. */
export interface ReplayScope extends Replayable {
  readonly resolved: ResolvedScope;
  /** Over all records in scope, buckets among them, which no replay can use; costs are at its prices. */
  readonly sums: UsageSums;
  /** Days of the window that there are records from. */
  readonly days: number;
  readonly profile: WorkspaceProfile;
}

/**
 * Reads the calls in scope, at most {@link MAX_REPLAYED}: a longer window is cut to its last whole days.
 * @throws {ApexError} as {@link resolveScope} and the stores do.
 */
export async function replayScope(
  tools: UsageTools,
  args: Parameters<typeof resolveScope>[1],
  context: Pick<ToolContext, "workspaceId" | "signal">,
): Promise<ReplayScope> {
  const asked = await resolveScope(tools, args, context);
  const [byDay, profile] = await Promise.all([
    tools.usage.groups(asked.scope, ["day"]),
    tools.workspaces.profile(asked.scope.workspaceId),
  ]);
  const { resolved, kept } = shortened(asked, byDay);
  const { scope, firstRecord } = resolved;
  const sums = sumUsage(kept.map((group) => group.sums));
  const buckets = sums.requests - (sums.records - sums.uncounted_records);
  const told =
    buckets > 0
      ? `${count(buckets)} requests are known only as parts of sums: no replay can use those records.`
      : null;
  const workload = await sharedWorkload(tools, scope, sums.records, context.signal);
  const assumptions = [...resolved.assumptions, ...(told ? [told] : [])];
  return {
    ...atReplayedPrices(workload, { resolved: { ...resolved, assumptions }, sums }),
    workload,
    span: { from: scope.from, to: scope.to },
    pace: { clock: tools.clock, signal: context.signal },
    days: (scope.to - Math.max(scope.from, firstRecord ?? scope.from)) / DAY_MS,
    profile,
  };
}

/** Keeps the last whole days that are not too many records to replay. */
function shortened(
  resolved: ResolvedScope,
  byDay: readonly UsageGroup[],
): { resolved: ResolvedScope; kept: readonly UsageGroup[] } {
  const latestFirst = byDay.toSorted((left, right) => (dayOf(left) < dayOf(right) ? 1 : -1));
  let records = 0;
  const tooMany = latestFirst.findIndex(({ sums }) => {
    records += sums.records;
    return records > MAX_REPLAYED;
  });
  if (tooMany === -1) return { resolved, kept: byDay };
  const kept = latestFirst.slice(0, Math.max(1, tooMany));
  const first = kept.at(-1);
  const from = Math.max(resolved.scope.from, Date.parse(first ? dayOf(first) : ""));
  const told = `A replay takes at most ${count(MAX_REPLAYED)} calls: the window is cut to its last ${count(kept.length)} days.`;
  return {
    resolved: {
      ...resolved,
      scope: { ...resolved.scope, from },
      assumptions: [...resolved.assumptions, told],
    },
    kept,
  };
}

function dayOf({ key }: UsageGroup): string {
  return key[0] ?? "";
}
