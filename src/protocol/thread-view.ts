/** What a person sees of a thread: messages, and under each answer the run that wrote it. */
import type { ApprovalOutcome } from "./approvals.ts";
import type { Finding, Grounding, Message, RunStatus, RunUsage } from "./entities.ts";
import type { ToolStatus } from "./events.ts";
import type { Fallback } from "./fallbacks.ts";
import type { CallId, Epoch, MessageId, RunId, ThreadId } from "./ids.ts";
import type { Json } from "./json.ts";
import type { Problem } from "./problem.ts";
import type { Outcome, Report } from "./report.ts";

/** A message as it is shown. */
export interface MessageView {
  readonly id: MessageId;
  /** The event that created it; messages are ordered by it. */
  readonly seq: number;
  readonly runId: RunId;
  readonly role: Message["role"];
  readonly text: string;
  readonly status: Message["status"];
  readonly createdAt: string | null;
}

/** One line of a run's timeline: its position and time, and the agent it belongs to. */
export type TimelineEntry = {
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  readonly agent: string;
} & (
  | {
      readonly kind: "thinking";
      readonly text: string;
    }
  | {
      readonly kind: "tool";
      readonly callId: CallId;
      readonly name: string;
      readonly operation: string;
      readonly arguments: Json;
      readonly status: ToolStatus | "waiting" | "executing";
      /** Set if a person has to approve the call: until when, and the decision once there is one. */
      readonly approval?: {
        readonly expiresAt: string;
        readonly decision: ApprovalOutcome | null;
      };
      readonly durationMs: number | null;
      readonly results: Json | null;
      readonly problem: Problem | null;
    }
  | {
      readonly kind: "handoff";
      readonly to: string;
      readonly reason: string;
    }
  | ({ readonly kind: "fallback" } & Readonly<Fallback>)
);

/** A run as it is shown, while it goes on and afterwards. */
export interface RunView {
  readonly id: RunId;
  readonly status: RunStatus;
  readonly agent: string | null;
  readonly model: string | null;
  /** RFC 3339; null until it runs. */
  readonly startedAt: string | null;
  readonly plan: readonly string[];
  readonly timeline: readonly TimelineEntry[];
  readonly findings: readonly Finding[];
  /** Where its answer states figures; null until it has ended. */
  readonly grounding: Grounding | null;
  readonly outcome: Outcome | null;
  readonly report: Report | null;
  readonly usage: RunUsage | null;
  readonly durationMs: number | null;
  readonly problem: Problem | null;
}

/** @returns the parts of the team that work now: handed their work, and not yet back with it. */
export function workingParts({
  timeline,
  status,
  agent,
}: Pick<RunView, "timeline" | "status" | "agent">): readonly string[] {
  if (status !== "running") return [];
  const working = new Set<string>();
  for (const entry of timeline) {
    if (entry.kind !== "handoff") continue;
    if (entry.agent === agent) working.add(entry.to);
    else working.delete(entry.agent);
  }
  return [...working];
}

/** A thread as a user interface shows it: its messages, and what is under way. */
export interface ThreadView {
  readonly threadId: ThreadId | null;
  readonly epoch: Epoch | null;
  /** The last logged event folded in; 0 before the first. */
  readonly lastSeq: number;
  readonly title: string | null;
  /** In the order in which they were sent. */
  readonly messages: readonly MessageView[];
  /** Runs whose messages no longer count: what they still tell is not shown. */
  readonly superseded: readonly RunId[];
  readonly runs: Readonly<Record<string, RunView>>;
  /** True if a resume could not close a gap: the history must be loaded again. */
  readonly stale: boolean;
}

export const EMPTY_THREAD: ThreadView = {
  threadId: null,
  epoch: null,
  lastSeq: 0,
  title: null,
  messages: [],
  superseded: [],
  runs: {},
  stale: false,
};
