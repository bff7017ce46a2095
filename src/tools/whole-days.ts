/** The last whole days of a window that are not too many records together. */
import { DAY_MS, HOUR_MS } from "../usage/calendar.ts";
import type { Span } from "../usage/replay/saving.ts";
import type { UsageGroup } from "../usage/store.ts";

/** A part of a window, and the sums of its days. */
export interface Days {
  readonly span: Span;
  readonly byDay: readonly UsageGroup[];
}

/**
 * Cuts a window to its last days, in UTC, that hold at most so many records. A newest day that is not
 * over goes first: alone it would stand for whole ones.
 * @returns null where not even one whole day is left.
 */
export function lastWholeDays({ span, byDay }: Days, most: number): Days | null {
  const latestFirst = byDay.toSorted((left, right) => startOf(right) - startOf(left));
  const [newest] = latestFirst;
  if (newest === undefined) return null;
  const begun = startOf(newest) + DAY_MS > span.to + HOUR_MS;
  const over = begun ? latestFirst.slice(1) : latestFirst;
  let records = 0;
  const tooMany = over.findIndex(({ sums }) => {
    records += sums.records;
    return records > most;
  });
  const kept = tooMany === -1 ? over : over.slice(0, tooMany);
  const first = kept.at(-1);
  if (first === undefined) return null;
  return {
    span: {
      from: Math.max(span.from, startOf(first)),
      to: begun ? startOf(newest) : span.to,
    },
    byDay: kept,
  };
}

function startOf({ key: [day] }: UsageGroup): number {
  return Date.parse(day ?? "");
}
