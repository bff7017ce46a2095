/** Folds frames into what a person sees; the one fold that server, SDK, page and tests share. */
import type { FinalStatus, Finding, Message, RunStatus, RunUsage } from "./entities.ts";
import type { Problem } from "./errors.ts";
import { isLogged, type LoggedEvent, type MessageDelta, type ServerFrame } from "./events.ts";
import type { CallId, Epoch, MessageId, RunId, ThreadId } from "./ids.ts";
import type { Json, ToolStatus } from "./events.ts";

export interface MessageView {
  readonly id: MessageId;
  readonly runId: RunId;
  readonly role: Message["role"];
  readonly text: string;
  readonly status: Message["status"];
  readonly createdAt: string | null;
}

/** One line of a run's timeline. `seq` is where it first appeared. */
export type TimelineEntry =
  | { readonly kind: "thinking"; readonly seq: number; readonly agent: string; readonly text: string }
  | {
      readonly kind: "tool";
      readonly seq: number;
      readonly agent: string;
      readonly callId: CallId;
      readonly name: string;
      readonly operation: string;
      readonly arguments: Json;
      readonly status: ToolStatus | "executing";
      readonly durationMs: number | null;
      readonly results: Json | null;
      readonly problem: Problem | null;
    }
  | {
      readonly kind: "handoff";
      readonly seq: number;
      readonly agent: string;
      readonly to: string;
      readonly reason: string;
    }
  | {
      readonly kind: "fallback";
      readonly seq: number;
      readonly agent: string;
      readonly reason: string;
      readonly action: string;
    };

export interface RunView {
  readonly id: RunId;
  readonly status: RunStatus;
  readonly agent: string | null;
  readonly model: string | null;
  readonly plan: readonly string[];
  readonly timeline: readonly TimelineEntry[];
  readonly findings: readonly Finding[];
  readonly usage: RunUsage | null;
  readonly durationMs: number | null;
  readonly problem: Problem | null;
}

export interface ThreadView {
  readonly threadId: ThreadId | null;
  readonly epoch: Epoch | null;
  /** The last logged event folded in; 0 before the first. */
  readonly lastSeq: number;
  readonly title: string | null;
  /** In the order they were said. */
  readonly messages: readonly MessageView[];
  readonly runs: Readonly<Record<string, RunView>>;
  /** true where a resume could not bridge the gap: the history must be loaded again. */
  readonly stale: boolean;
}

export const EMPTY_THREAD: ThreadView = {
  threadId: null,
  epoch: null,
  lastSeq: 0,
  title: null,
  messages: [],
  runs: {},
  stale: false,
};

/**
 * Applies one piece of an answer to the text so far: what stands before the offset is kept, the
 * piece follows. Applying the same piece twice changes nothing.
 */
export function applyDelta(text: string, delta: Pick<MessageDelta, "offset" | "text">): string {
  return text.slice(0, delta.offset) + delta.text;
}

/**
 * @returns the view after a frame. An event already folded in changes nothing, so a fold over an
 * overlap (a replay, two sources) gives what a fold over the log gives.
 */
export function project(view: ThreadView, frame: ServerFrame): ThreadView {
  if (isLogged(frame)) return frame.seq <= view.lastSeq ? view : projectEvent(view, frame);
  switch (frame.type) {
    case "message_delta":
      return updateMessage(view, frame.message_id, (message) =>
        message.status === "streaming"
          ? { ...message, text: applyDelta(message.text, frame) }
          : message,
      );
    case "connection_ready": {
      const sameLog = view.epoch === null || view.epoch === frame.data.epoch;
      const recovered = sameLog && frame.data.recovered;
      return {
        ...view,
        threadId: frame.context.thread_id,
        epoch: frame.data.epoch,
        lastSeq: recovered ? view.lastSeq : frame.data.last_seq,
        stale: view.stale || !recovered,
      };
    }
    default:
      return view;
  }
}

/**
 * Starts from the history: the messages of a thread as they were last saved.
 * @param view the live view so far; its runs stay, its messages win over older saved ones.
 */
export function withHistory(view: ThreadView, history: readonly Message[]): ThreadView {
  const live = new Map(view.messages.map((message) => [message.id, message]));
  const saved = history.map((message): MessageView => {
    const known = live.get(message.id);
    live.delete(message.id);
    if (known && (message.status === "streaming" || known.status !== "streaming")) return known;
    return {
      id: message.id,
      runId: message.run_id,
      role: message.role,
      text: message.content,
      status: message.status,
      createdAt: message.created_at,
    };
  });
  const unsaved = view.messages.filter((message) => live.has(message.id));
  return { ...view, messages: [...saved, ...unsaved], stale: false };
}

function projectEvent(before: ThreadView, event: LoggedEvent): ThreadView {
  const view = { ...before, lastSeq: event.seq, threadId: event.context.thread_id };
  const agent = event.context.agent ?? "";
  switch (event.type) {
    case "message_accepted":
      return withRun(
        addMessage(view, {
          id: event.data.message_id,
          runId: event.data.run_id,
          role: "user",
          text: event.data.content,
          status: "complete",
          createdAt: event.context.timestamp,
        }),
        event.data.run_id,
        (run) => run,
      );
    case "agent_started": {
      const { agent_type, model, plan, message_id } = event.data;
      const started = addMessage(view, {
        id: message_id,
        runId: event.context.run_id,
        role: "assistant",
        text: "",
        status: "streaming",
        createdAt: event.context.timestamp,
      });
      return withRun(started, event.context.run_id, (run) => ({
        ...run,
        status: "running",
        agent: agent_type,
        model,
        plan,
      }));
    }
    case "agent_thinking":
      return withEntry(view, event.context.run_id, {
        kind: "thinking",
        seq: event.seq,
        agent,
        text: event.data.reasoning,
      });
    case "handoff":
      return withEntry(view, event.context.run_id, {
        kind: "handoff",
        seq: event.seq,
        agent: event.data.from,
        to: event.data.to,
        reason: event.data.reason,
      });
    case "agent_fallback":
      return withEntry(view, event.context.run_id, {
        kind: "fallback",
        seq: event.seq,
        agent,
        reason: event.data.reason,
        action: event.data.action,
      });
    case "tool_executing":
      return withEntry(view, event.context.run_id, {
        kind: "tool",
        seq: event.seq,
        agent,
        callId: event.data.call_id,
        name: event.data.tool_name,
        operation: event.data.operation,
        arguments: event.data.arguments,
        status: "executing",
        durationMs: null,
        results: null,
        problem: null,
      });
    case "tool_completed":
      return withRun(view, event.context.run_id, (run) => ({
        ...run,
        timeline: run.timeline.map((entry) =>
          entry.kind === "tool" && entry.callId === event.data.call_id
            ? {
                ...entry,
                status: event.data.status,
                durationMs: event.data.duration_ms,
                results: event.data.results ?? null,
                problem: event.data.problem ?? null,
              }
            : entry,
        ),
      }));
    case "agent_completed": {
      const { status, message_id, final_response, results, usage, duration_ms, model } = event.data;
      const ended = updateMessage(view, message_id, (message) => ({
        ...message,
        text: final_response,
        status: MESSAGE_STATUS[status],
      }));
      return withRun(ended, event.context.run_id, (run) => ({
        ...run,
        status,
        model,
        findings: results.findings,
        usage,
        durationMs: duration_ms,
        problem: event.data.problem ?? null,
      }));
    }
    case "thread_updated":
      return { ...view, title: event.data.title };
  }
}

/** What an ended run makes of the message it was writing. */
export const MESSAGE_STATUS = {
  completed: "complete",
  failed: "failed",
  cancelled: "cancelled",
} as const satisfies Record<FinalStatus, Message["status"]>;

function addMessage(view: ThreadView, message: MessageView): ThreadView {
  if (view.messages.some(({ id }) => id === message.id)) return view;
  return { ...view, messages: [...view.messages, message] };
}

function updateMessage(
  view: ThreadView,
  id: MessageId,
  change: (message: MessageView) => MessageView,
): ThreadView {
  return {
    ...view,
    messages: view.messages.map((message) => (message.id === id ? change(message) : message)),
  };
}

function withRun(view: ThreadView, id: RunId, change: (run: RunView) => RunView): ThreadView {
  const run: RunView = view.runs[id] ?? {
    id,
    status: "queued",
    agent: null,
    model: null,
    plan: [],
    timeline: [],
    findings: [],
    usage: null,
    durationMs: null,
    problem: null,
  };
  return { ...view, runs: { ...view.runs, [id]: change(run) } };
}

function withEntry(view: ThreadView, id: RunId, entry: TimelineEntry): ThreadView {
  return withRun(view, id, (run) => ({ ...run, timeline: [...run.timeline, entry] }));
}
