/** A run's timeline by who did what: a part for each agent, in the order they came in. */
import { type RunView, type TimelineEntry, workingParts } from "../../protocol/thread-view.ts";

export type ToolEntry = Extract<TimelineEntry, { kind: "tool" }>;

/** What one agent of a run did, and how it stands. */
export interface TeamPart {
  readonly agent: string;
  readonly state: "working" | "done" | "failed" | "stopped";
  readonly entries: readonly TimelineEntry[];
  /** RFC 3339; null where it was never told. */
  readonly since: string | null;
  /** From being handed its work to handing it back, in milliseconds; null until then. */
  readonly durationMs: number | null;
}

type TimelineOf = Pick<RunView, "status" | "agent" | "startedAt" | "durationMs" | "timeline">;

/** @returns the run's own agent first, then the others; one alone where nothing was handed on. */
export function partsOf(run: TimelineOf): readonly TeamPart[] {
  const lead = run.agent ?? "";
  const entries = new Map<string, TimelineEntry[]>([[lead, []]]);
  for (const entry of run.timeline) {
    listOf(entries, entry.agent).push(entry);
    if (entry.kind === "handoff") listOf(entries, entry.to);
  }
  const working = workingParts(run);
  return [...entries].map(([agent, own]): TeamPart => {
    if (agent === lead) {
      return { agent, state: LEAD[run.status], entries: own, ...periodOf(run) };
    }
    const begun = run.timeline.find((entry) => entry.kind === "handoff" && entry.to === agent);
    const ended = own.findLast((entry) => entry.kind === "handoff");
    const since = begun?.at ?? own[0]?.at ?? null;
    const spent = since !== null && ended ? Date.parse(ended.at) - Date.parse(since) : null;
    const state = working.includes(agent) ? "working" : endOf(run.timeline, ended);
    return { agent, state, entries: own, since, durationMs: state === "working" ? null : spent };
  });
}

function listOf(entries: Map<string, TimelineEntry[]>, agent: string): TimelineEntry[] {
  const list = entries.get(agent) ?? [];
  entries.set(agent, list);
  return list;
}

const LEAD = {
  queued: "working",
  running: "working",
  completed: "done",
  failed: "failed",
  cancelled: "stopped",
} as const satisfies Record<RunView["status"], TeamPart["state"]>;

function periodOf({ startedAt, durationMs }: TimelineOf) {
  return { since: startedAt, durationMs };
}

/** What came to no result says so twice: as a fallback of the run, and as it hands back. */
function endOf(
  timeline: readonly TimelineEntry[],
  ended: TimelineEntry | undefined,
): TeamPart["state"] {
  if (ended?.kind !== "handoff") return "stopped";
  const gaveUp = timeline.some(
    (entry) => entry.kind === "fallback" && entry.part === "agent" && entry.reason === ended.reason,
  );
  return gaveUp ? "failed" : "done";
}

/** @returns the tool calls of a part or of a run, in their order. */
export function callsIn(timeline: readonly TimelineEntry[]): readonly ToolEntry[] {
  return timeline.filter((entry) => entry.kind === "tool");
}

/** @returns the calls that wait for a person now. */
export function waitingCalls({ status, timeline }: TimelineOf): readonly ToolEntry[] {
  if (status !== "running") return [];
  return callsIn(timeline).filter((call) => call.status === "waiting" && isUndecided(call));
}

function isUndecided({ approval }: ToolEntry): boolean {
  return approval !== undefined && approval.decision === null;
}
