/** The window of a usage question: moments, or days of a time zone, told in the arguments. */
import * as z from "zod";
import { type Calendar, calendarOf, startOfDay, UTC } from "../usage/calendar.ts";

const Moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: "must be a date (2026-11-01) or an RFC 3339 date and time",
});

/** A window as it was asked for; what was left out is undefined. */
export interface AskedWindow {
  /** Milliseconds since the Unix epoch; the end is exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly lastDays?: number | undefined;
  readonly calendar: Calendar;
}

/** Where nothing was asked for. */
export const NO_WINDOW: AskedWindow = { calendar: UTC };

/** The `window` of a tool's arguments. Dates are midnights of its time zone, also over a clock change. */
export const Window = z
  .strictObject({
    from: Moment.optional().describe("The first moment of the window: a date or RFC 3339 time"),
    to: Moment.optional().describe("The end of the window, exclusive: a date or RFC 3339 time"),
    last_days: z.number().int().min(1).max(366).optional().describe("Days before the end"),
    time_zone: z
      .string()
      .regex(/^[A-Za-z]\S{0,63}$/, "must be a name like Europe/Berlin")
      .default(UTC.timeZone)
      .describe("IANA name of the zone whose days are meant, as Europe/Berlin"),
  })
  .refine(({ from, last_days }) => from === undefined || last_days === undefined, {
    path: ["last_days"],
    message: "give either from or last_days",
  })
  .transform(({ from, to, last_days: lastDays, time_zone }, context): AskedWindow => {
    const calendar = calendarOf(time_zone);
    if (calendar === null) return refuse(context, "time_zone", "is no time zone");
    const asked = { from: momentOf(from, calendar), to: momentOf(to, calendar) };
    for (const [field, moment] of Object.entries(asked)) {
      if (moment !== undefined && moment < 0) refuse(context, field, "must not be before 1970");
    }
    if (asked.from !== undefined && asked.to !== undefined && asked.from >= asked.to) {
      refuse(context, "from", "must be before window.to");
    }
    return { ...asked, lastDays, calendar };
  });

function momentOf(text: string | undefined, calendar: Calendar): number | undefined {
  if (text === undefined) return undefined;
  return text.includes("T") ? Date.parse(text) : startOfDay(calendar, text);
}

function refuse(context: z.RefinementCtx, field: string, message: string): AskedWindow {
  context.addIssue({ code: "custom", path: [field], message });
  return NO_WINDOW;
}
