/** Folds the events of tool calls into the timeline of their run. */
import type { ApprovalDecided, ApprovalRequested } from "./approvals.ts";
import type { ToolCompleted, ToolExecuting } from "./events.ts";
import type { TimelineEntry } from "./thread-view.ts";

type Timeline = readonly TimelineEntry[];
type ToolEntry = Extract<TimelineEntry, { kind: "tool" }>;
type CallEvent = ApprovalRequested | ApprovalDecided | ToolExecuting | ToolCompleted;

/** @returns the timeline after an event of a call: the call is one entry, from its first event to its last. */
export function withCallEvent(timeline: Timeline, event: CallEvent): Timeline {
  switch (event.type) {
    case "approval_requested": {
      const approval = { expiresAt: event.data.expires_at, decision: null };
      return [...timeline, { ...opened(event), status: "waiting", approval }];
    }
    case "approval_decided": {
      const { decision } = event.data;
      return changed(timeline, event, (call) => ({
        ...call,
        ...(call.approval && { approval: { ...call.approval, decision } }),
      }));
    }
    case "tool_executing":
      if (!timeline.some((entry) => isOf(event, entry) && entry.status === "waiting")) {
        return [...timeline, { ...opened(event), status: "executing" }];
      }
      return changed(timeline, event, (call) => ({ ...call, status: "executing" }));
    case "tool_completed": {
      const { status, duration_ms, results, problem } = event.data;
      return changed(timeline, event, (call) => ({
        ...call,
        status,
        durationMs: duration_ms,
        results: results ?? null,
        problem: problem ?? null,
      }));
    }
  }
}

function opened({ seq, context, data }: ApprovalRequested | ToolExecuting) {
  return {
    kind: "tool",
    seq,
    at: context.timestamp,
    agent: context.agent ?? "",
    callId: data.call_id,
    name: data.tool_name,
    operation: data.operation,
    arguments: data.arguments,
    durationMs: null,
    results: null,
    problem: null,
  } as const;
}

function changed(
  timeline: Timeline,
  event: CallEvent,
  change: (call: ToolEntry) => ToolEntry,
): Timeline {
  return timeline.map((entry) => (isOf(event, entry) ? change(entry) : entry));
}

function isOf({ data }: CallEvent, entry: TimelineEntry): entry is ToolEntry {
  return entry.kind === "tool" && entry.callId === data.call_id;
}
