/** Spend by hour and by local day, with the days told apart that are covered in part only. */
import {
  type Calendar,
  DAY_MS,
  dayOf,
  daysFrom,
  HOUR_MS,
  shiftDay,
  startOfDay,
  UTC,
} from "../calendar.ts";
import type { Extent, Scope, UsageGroup, UsageStore } from "../store.ts";
import { sumUsage, type UsageSums } from "../sums.ts";

/** Records that begin this late in a day, or end this early before its end, still cover it whole. */
const EDGE_MS = HOUR_MS;
/** What one query by hour may span, so that its groups stay few enough. */
const QUERY_SPAN_MS = 200 * DAY_MS;

/** What a local day (2026-11-21) cost, USD over the priced records. */
export interface DaySpend {
  readonly day: string;
  readonly usd: number;
}

export interface SpendSeries {
  /** Every whole day from the first to the last; one without a record is at zero. */
  readonly days: readonly DaySpend[];
  /** The day before them, as far as there are records of it; null where nothing of it is. */
  readonly opening: DaySpend | null;
  /** The day after them, as far as it is covered; null where nothing of it is. */
  readonly begun: DaySpend | null;
  /** Over every record in scope, on whole days or not. */
  readonly sums: UsageSums;
}

/** An hour (UTC) by the moment it begins. */
export interface HourUsage {
  readonly begins: number;
  readonly sums: UsageSums;
}

/** @returns the spend of a scope in the days of a calendar. */
export async function spendSeries(
  usage: UsageStore,
  scope: Scope,
  calendar: Calendar,
  extent: Extent | null,
): Promise<SpendSeries> {
  const parts = calendar === UTC ? await byDay(usage, scope) : await byHour(usage, scope);
  const sums = sumUsage(parts.map((part) => part.sums));
  if (extent === null) return { days: [], opening: null, begun: null, sums };
  const spent = new Map<string, number>();
  for (const { begins, sums } of parts) {
    const day = dayOf(calendar, begins);
    spent.set(day, (spent.get(day) ?? 0) + sums.cost_usd);
  }
  const spendOf = (day: string): DaySpend => ({ day, usd: spent.get(day) ?? 0 });
  const { opens, first, end, to } = wholeDays(scope, calendar, extent);
  return {
    days: daysFrom(first, end).map(spendOf),
    opening: opens < first && opens < end ? spendOf(opens) : null,
    begun: startOfDay(calendar, end) < to ? spendOf(end) : null,
    sums,
  };
}

/** The days that both the window and the records cover, the end not among them. */
function wholeDays(scope: Scope, calendar: Calendar, extent: Extent) {
  const from = Math.max(scope.from, extent.first);
  const to = Math.min(scope.to, extent.last + 1);
  const opens = dayOf(calendar, from);
  const isWhole = from - startOfDay(calendar, opens) <= EDGE_MS;
  const first = isWhole ? opens : shiftDay(opens, 1);
  return { opens, first, end: dayOf(calendar, to + EDGE_MS), to };
}

/** @returns the usage of each hour in scope that was used at all, in order. */
export async function byHour(usage: UsageStore, scope: Scope): Promise<HourUsage[]> {
  const parts: Promise<UsageGroup[]>[] = [];
  for (let from = scope.from; from < scope.to; from += QUERY_SPAN_MS) {
    const to = Math.min(scope.to, from + QUERY_SPAN_MS);
    parts.push(usage.groups({ ...scope, from, to }, ["hour"]));
  }
  const groups = (await Promise.all(parts)).flat();
  return inOrder(groups, (key) => `${key}:00:00Z`);
}

async function byDay(usage: UsageStore, scope: Scope): Promise<HourUsage[]> {
  return inOrder(await usage.groups(scope, ["day"]), (key) => key);
}

function inOrder(groups: readonly UsageGroup[], momentOf: (key: string) => string): HourUsage[] {
  return groups
    .map(({ key, sums }) => ({ begins: Date.parse(momentOf(key[0] ?? "")), sums }))
    .toSorted((left, right) => left.begins - right.begins);
}
