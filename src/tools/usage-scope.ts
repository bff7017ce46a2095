/** What every usage tool is asked about: whose records, a window and filters, and what they come to. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { SAMPLE_NOTICE } from "../core/sample-notice.ts";
import type { ToolContext } from "../core/tool.ts";
import { ApexError } from "../protocol/errors.ts";
import { counted } from "../protocol/plural.ts";
import { type Calendar, DAY_MS, daysBefore, UTC } from "../usage/calendar.ts";
import { OWN_FEATURE } from "../usage/own-calls.ts";
import type { PriceLookup } from "../usage/prices.ts";
import { SAMPLE_WORKSPACE } from "../usage/sample.ts";
import {
  type Extent,
  Filters,
  type Holdings,
  type Scope,
  type UsageStore,
} from "../usage/store.ts";
import type { WorkspaceStore } from "../usage/workspace.ts";
import { type AskedWindow, NO_WINDOW, Window } from "./window.ts";

const DEFAULT_DAYS = 30;
/** Records older than this are said to be old. */
const STALE_DAYS = 2;

/** What the usage tools work with. */
export interface UsageTools {
  readonly usage: UsageStore;
  readonly workspaces: WorkspaceStore;
  readonly clock: Clock;
  /** The prices of a workspace: its contracts before the list. The list alone where it is left out. */
  readonly prices?: ((workspaceId: string) => Promise<PriceLookup>) | undefined;
}

/** The arguments all usage tools share. */
export const usageInput = {
  workspace: z
    .enum(["own", "sample"])
    .optional()
    .describe(
      "Whose records: your own, or the sample company's. Default: your own where there are",
    ),
  window: Window.optional().describe("Default: the last 30 days up to the latest record"),
  filters: Filters.optional().describe("Only records with exactly these values"),
};

interface UsageArguments {
  readonly workspace?: "own" | "sample" | undefined;
  readonly window?: AskedWindow | undefined;
  readonly filters?: Filters | undefined;
}

/** The records a call is about, and what has to be said about them. */
export interface ResolvedScope {
  readonly scope: Scope;
  /** The zone whose days are meant. */
  readonly calendar: Calendar;
  /** When the extent begins; null where there is none. */
  readonly firstRecord: number | null;
  /**
   * What was imported, since the calls of this chat come every day it is used and are no sign that the
   * records go on; all there is where only those calls are, or are asked about. Null where nothing is.
   */
  readonly extent: Extent | null;
  readonly assumptions: readonly string[];
  /** The price lists that the costs are by, where those are not the stored ones. */
  readonly versions?: readonly string[] | undefined;
}

/**
 * Turns arguments into a scope; windows without an end end at the workspace's latest record that was imported.
 * @param context whom the tool works for. No workspace but theirs and the sample is ever read.
 * @param defaultDays how long a window is whose start was not asked for.
 * @throws {ApexError} `invalid_fields` where the window would end before it begins.
 */
export async function resolveScope(
  { usage, clock }: UsageTools,
  { workspace, window = NO_WINDOW, filters = {} }: UsageArguments,
  context: Pick<ToolContext, "workspaceId">,
  defaultDays = DEFAULT_DAYS,
): Promise<ResolvedScope> {
  const { calendar, lastDays } = window;
  const aboutChat = filters.feature === OWN_FEATURE;
  const { workspaceId, held, told } = await resolveWorkspace(usage, workspace, aboutChat, context);
  const extent = aboutChat ? held : (held?.imported ?? held);
  const latest = extent ? extent.last + 1 : clock.now();
  const to = window.to ?? latest;
  const from = window.from ?? Math.max(0, daysBefore(calendar, to, lastDays ?? defaultDays));
  if (from >= to) {
    const message = `must be before the latest record, ${timestamp(latest)}`;
    throw new ApexError("invalid_fields", `window.from ${message}`, {
      errors: [{ field: "window.from", message }],
    });
  }
  const assumptions = [...told];
  if (window.from === undefined && lastDays === undefined) {
    assumptions.push(
      `No start was asked for, so the window is ${counted(defaultDays, "day")} long.`,
    );
  }
  if (window.to === undefined && extent) {
    assumptions.push(`The window ends at the latest record, ${timestamp(extent.last)}.`);
  }
  if (calendar !== UTC) assumptions.push(`Days are those of ${calendar.timeZone}.`);
  const age = extent ? Math.floor((clock.now() - extent.last) / DAY_MS) : 0;
  if (age > STALE_DAYS) assumptions.push(`The latest record is ${counted(age, "day")} old.`);
  return {
    scope: { workspaceId, from, to, filters },
    calendar,
    firstRecord: extent?.first ?? null,
    extent,
    assumptions,
  };
}

/**
 * The caller's own records where there are any, else the sample's, unless one was asked for. The calls
 * that this chat itself makes are kept there too, and are by themselves no reason to look no further.
 */
async function resolveWorkspace(
  usage: UsageStore,
  asked: UsageArguments["workspace"],
  aboutChat: boolean,
  { workspaceId }: Pick<ToolContext, "workspaceId">,
): Promise<{ workspaceId: string; held: Holdings | null; told: readonly string[] }> {
  const own = asked === "sample" ? null : await usage.extent(workspaceId);
  const holdsAny = own !== null && (aboutChat || own.imported !== null);
  if (asked === "own" || holdsAny) {
    return { workspaceId, held: own, told: ["The records are those of your own workspace."] };
  }
  const none =
    own === null
      ? "Your own workspace holds no records yet."
      : "Your own workspace holds no records yet but those of this chat's own calls.";
  return {
    workspaceId: SAMPLE_WORKSPACE,
    held: await usage.extent(SAMPLE_WORKSPACE),
    told: asked === undefined ? [none, SAMPLE_NOTICE] : [SAMPLE_NOTICE],
  };
}

/** @returns the window and filters of a call in words, to end a sentence with. */
export function describeScope(
  { window = NO_WINDOW, filters = {} }: UsageArguments,
  defaultDays = DEFAULT_DAYS,
): string {
  const end = window.to === undefined ? "the latest record" : timestamp(window.to);
  const start =
    window.from === undefined
      ? `over the ${counted(window.lastDays ?? defaultDays, "day")} up to ${end}`
      : `from ${timestamp(window.from)} to ${end}`;
  const named = Object.entries(filters).map(([name, value]) => `${name} "${value}"`);
  return named.length > 0 ? `${start}, only ${named.join(" and ")}` : start;
}
