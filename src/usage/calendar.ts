/** The days of a time zone: where a local day begins, which may be 23 or 25 hours after the one before. */

export const DAY_MS = 24 * 60 * 60_000;
export const HOUR_MS = 60 * 60_000;

/**
 * A zone's clock on the wall. Wall times are milliseconds that read as UTC what the wall shows, so
 * that calendar arithmetic is plain addition, whatever the clock does meanwhile.
 */
export interface Calendar {
  /** Its name in the IANA database. */
  readonly timeZone: string;
  /** @returns the wall time at a moment, to the second. */
  wallTime(moment: number): number;
  /**
   * @returns the moment the wall first shows a time; where the clock skips it, as far past the gap
   *   (as Temporal's "compatible" has it), so a day whose midnight is skipped begins after the gap.
   */
  momentOf(wallTime: number): number;
}

/** The calendar that no clock change touches. */
export const UTC: Calendar = {
  timeZone: "UTC",
  wallTime: (moment) => moment,
  momentOf: (wallTime) => wallTime,
};

/** @returns the calendar of a zone, or null where there is no such zone. */
export function calendarOf(timeZone: string): Calendar | null {
  if (timeZone === UTC.timeZone) return UTC;
  const format = formatOf(timeZone);
  if (format === null) return null;

  function wallTime(moment: number): number {
    const parts = format?.formatToParts(moment) ?? [];
    const read = (type: Intl.DateTimeFormatPartTypes) =>
      Number(parts.find((part) => part.type === type)?.value);
    const [year, month, day] = [read("year"), read("month"), read("day")];
    return Date.UTC(year, month - 1, day, read("hour"), read("minute"), read("second"));
  }

  function momentOf(wanted: number): number {
    const offset = (moment: number) => wallTime(moment) - Math.floor(moment / 1_000) * 1_000;
    // No zone changes its clock twice in two days, so one of these is the offset that counts.
    const [before, after] = [offset(wanted - DAY_MS), offset(wanted + DAY_MS)];
    const second = wanted - (wanted % 1_000);
    const shown = [wanted - before, wanted - after].filter((moment) => wallTime(moment) === second);
    return shown.length > 0 ? Math.min(...shown) : wanted - before;
  }

  return { timeZone, wallTime, momentOf };
}

/** @returns the moment so many calendar days before (negative: after) another, at the same wall time. */
export function daysBefore(calendar: Calendar, moment: number, days: number): number {
  const milliseconds = moment - Math.floor(moment / 1_000) * 1_000;
  return calendar.momentOf(calendar.wallTime(moment - milliseconds) - days * DAY_MS) + milliseconds;
}

/** @returns the local day of a moment, as 2026-11-21. */
export function dayOf(calendar: Calendar, moment: number): string {
  return new Date(calendar.wallTime(moment)).toISOString().slice(0, 10);
}

/** @returns the moment a local day (2026-11-21) begins. */
export function startOfDay(calendar: Calendar, day: string): number {
  return calendar.momentOf(Date.parse(day));
}

/** @returns the days from the one to the other, the last one not among them. */
export function daysFrom(first: string, end: string): string[] {
  const count = Math.max(0, Math.round((Date.parse(end) - Date.parse(first)) / DAY_MS));
  return Array.from({ length: count }, (_, index) => shiftDay(first, index));
}

/** @returns the day so many days later (negative: earlier). */
export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** @returns whether a day is a Saturday or a Sunday. */
export function isWeekend(day: string): boolean {
  return [0, 6].includes(new Date(Date.parse(day)).getUTCDay());
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return null;
  }
}
