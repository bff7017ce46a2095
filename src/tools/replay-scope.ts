/** What the savings tools replay: the calls of a window as a workload, bounded, and what goes with them. */

import { count } from "../core/grounding/figures.ts";
import type { ToolContext } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { DAY_MS } from "../usage/calendar.ts";
import { cataloguePrices } from "../usage/prices.ts";
import type { Workload } from "../usage/replay/workload.ts";
import { WorkloadBuilder } from "../usage/replay/workload-builder.ts";
import { MAX_REPLAYED, type UsageGroup } from "../usage/store.ts";
import { sumUsage, type UsageSums } from "../usage/sums.ts";
import type { WorkspaceProfile } from "../usage/workspace.ts";
import { coveredScope } from "./covered-scope.ts";
import { atReplayedPrices } from "./replay-prices.ts";
import type { Replayable } from "./replayed.ts";
import { sharedWorkload } from "./shared-workload.ts";
import { type ResolvedScope, resolveScope, type UsageTools } from "./usage-scope.ts";
import { lastWholeDays } from "./whole-days.ts";

/** A window of calls to replay. */
export interface ReplayScope extends Replayable {
  readonly resolved: ResolvedScope;
  /** Over all records in scope, buckets among them, which no replay can use; costs are at its prices. */
  readonly sums: UsageSums;
  /** Days of the window, all of which there are records from. */
  readonly days: number;
  /** Why no replay can say anything; null where one can. */
  readonly notAssessable: string | null;
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
  const asked = coveredScope(await resolveScope(tools, args, context));
  const [byDay, profile] = await Promise.all([
    tools.usage.groups(asked.scope, ["day"]),
    tools.workspaces.profile(asked.scope.workspaceId),
  ]);
  const { resolved, sums, notAssessable } = shortened(asked, byDay);
  const { scope } = resolved;
  const workload =
    notAssessable === null
      ? await sharedWorkload(tools, scope, sums.records, context.signal)
      : new WorkloadBuilder(cataloguePrices).build();
  const assumptions = [
    ...resolved.assumptions,
    ...(notAssessable === null ? aboutSums(sums, workload) : []),
  ];
  return {
    ...atReplayedPrices(workload, { resolved: { ...resolved, assumptions }, sums }),
    workload,
    span: { from: scope.from, to: scope.to },
    pace: { clock: tools.clock, signal: context.signal },
    days: (scope.to - scope.from) / DAY_MS,
    notAssessable,
    profile,
  };
}

/** A replay reads every single call, each of which is one request: the others are parts of sums. */
function aboutSums({ requests }: UsageSums, { size }: Workload): string[] {
  if (requests <= size) return [];
  const are = counted(
    requests - size,
    "request is known only as part of a sum",
    "requests are known only as parts of sums",
  );
  return [`${are}: no replay can use those records.`];
}

/** Keeps the last whole days that are not too many records to replay. */
function shortened(
  resolved: ResolvedScope,
  byDay: readonly UsageGroup[],
): Pick<ReplayScope, "resolved" | "sums" | "notAssessable"> {
  const sums = sumUsage(byDay.map((group) => group.sums));
  if (sums.records <= MAX_REPLAYED) return { resolved, sums, notAssessable: null };
  const { scope, assumptions } = resolved;
  const kept = lastWholeDays({ span: scope, byDay }, MAX_REPLAYED);
  if (kept === null) {
    return {
      resolved,
      sums,
      notAssessable: `Not assessable: a replay takes at most ${count(MAX_REPLAYED)} calls, and the window has no whole day of fewer. A filter by feature, model or environment would make it so.`,
    };
  }
  const told = `A replay takes at most ${count(MAX_REPLAYED)} calls: the window is cut to its last ${counted(kept.byDay.length, "day that is", "days that are")} over. A filter makes room for more.`;
  return {
    resolved: {
      ...resolved,
      scope: { ...scope, ...kept.span },
      assumptions: [...assumptions, told],
    },
    sums: sumUsage(kept.byDay.map((group) => group.sums)),
    notAssessable: null,
  };
}
