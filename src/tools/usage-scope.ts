/** What every usage tool is asked about: a window and filters, and the records they come to. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import { SAMPLE_WORKSPACE } from "../usage/sample.ts";
import { Filters, type Scope, type UsageStore } from "../usage/store.ts";

const DAY_MS = 24 * 60 * 60_000;
const DEFAULT_DAYS = 30;
/** Records older than this are said to be old. */
const STALE_DAYS = 2;

/** What the usage tools work with. */
export interface UsageTools {
  readonly usage: UsageStore;
  readonly clock: Clock;
}

const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: "must be a date (2026-11-01, midnight UTC) or an RFC 3339 date and time",
  })
  .transform((text) => Date.parse(text))
  .refine((moment) => moment >= 0, "must not be before 1970");

const Window = z
  .strictObject({
    from: Moment.optional().describe("The first moment of the window: a date or RFC 3339 time"),
    to: Moment.optional().describe("The end of the window, exclusive: a date or RFC 3339 time"),
    last_days: z.number().int().min(1).max(366).optional().describe("Days before the end"),
  })
  .refine(({ from, last_days }) => from === undefined || last_days === undefined, {
    path: ["last_days"],
    message: "give either from or last_days",
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["from"],
    message: "must be before window.to",
  });

/** The arguments all usage tools share. */
export const usageInput = {
  window: Window.optional().describe("Default: the last 30 days up to the latest record"),
  filters: Filters.optional().describe("Only records with exactly these values"),
};

interface UsageArguments {
  readonly window?: z.output<typeof Window> | undefined;
  readonly filters?: Filters | undefined;
}

/** The records a call is about, and what has to be said about them. */
export interface ResolvedScope {
  readonly scope: Scope;
  /** When the workspace's records begin; null where it has none. */
  readonly firstRecord: number | null;
  readonly assumptions: readonly string[];
}

/**
 * Turns arguments into a scope; windows without an end end at the workspace's latest record.
 * @throws {ApexError} `invalid_fields` where the window would end before it begins.
 */
export async function resolveScope(
  { usage, clock }: UsageTools,
  { window = {}, filters = {} }: UsageArguments,
): Promise<ResolvedScope> {
  const extent = await usage.extent(SAMPLE_WORKSPACE);
  const latest = extent ? extent.last + 1 : clock.now();
  const to = window.to ?? latest;
  const from = window.from ?? Math.max(0, to - (window.last_days ?? DEFAULT_DAYS) * DAY_MS);
  if (from >= to) {
    const message = `must be before the latest record, ${timestamp(latest)}`;
    throw new ApexError("invalid_fields", `window.from ${message}`, {
      errors: [{ field: "window.from", message }],
    });
  }
  const assumptions = ["The records are generated: they are a sample company's, not your own."];
  if (window.from === undefined && window.last_days === undefined) {
    assumptions.push(`No start was asked for, so the window is ${DEFAULT_DAYS} days long.`);
  }
  if (window.to === undefined && extent) {
    assumptions.push(`The window ends at the latest record, ${timestamp(extent.last)}.`);
  }
  const age = extent ? Math.floor((clock.now() - extent.last) / DAY_MS) : 0;
  if (age > STALE_DAYS) assumptions.push(`The latest record is ${age} days old.`);
  return {
    scope: { workspaceId: SAMPLE_WORKSPACE, from, to, filters },
    firstRecord: extent?.first ?? null,
    assumptions,
  };
}

/** @returns the window and filters of a call in words, to end a sentence with. */
export function describeScope({ window = {}, filters = {} }: UsageArguments): string {
  const end = window.to === undefined ? "the latest record" : timestamp(window.to);
  const start =
    window.from === undefined
      ? `over the ${window.last_days ?? DEFAULT_DAYS} days up to ${end}`
      : `from ${timestamp(window.from)} to ${end}`;
  const named = Object.entries(filters).map(([name, value]) => `${name} "${value}"`);
  return named.length > 0 ? `${start}, only ${named.join(" and ")}` : start;
}
