/** Folds frames into what a person sees; the one fold that server, SDK, page and tests share. */
import { withCallEvent } from "./call-views.ts";
import type { FinalStatus, Message } from "./entities.ts";
import type { LoggedEvent, MessageDelta, ServerFrame } from "./events.ts";
import { isLogged } from "./frames.ts";
import type { RunId } from "./ids.ts";
import { addMessage, exchangesBetween, supersede, updateMessage } from "./message-views.ts";
import type { MessageView, RunView, ThreadView, TimelineEntry } from "./thread-view.ts";

/**
 * Applies one piece of an answer to the text so far: what stands before the offset is kept, the
 * piece follows. Applying the same piece twice changes nothing, and neither does a piece whose
 * forerunner is missing: the text stays a true beginning of the answer.
 */
export function applyDelta(text: string, delta: Pick<MessageDelta, "offset" | "text">): string {
  return delta.offset > text.length ? text : text.slice(0, delta.offset) + delta.text;
}

/**
 * @returns the view after a frame. An event already folded in changes nothing, so a fold over an
 * overlap (a replay, two sources) gives what a fold over the log gives. A fold may begin anywhere in
 * the log, but one that skips an event says `stale`.
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
        lastSeq: recovered ? view.lastSeq : frame.data.replay_after,
        runs: recovered ? view.runs : endedRuns(view.runs),
        stale: view.stale || !recovered,
      };
    }
    default:
      return view;
  }
}

/** A run whose end may have been missed is forgotten: where it still goes on, it is told anew. */
function endedRuns(runs: ThreadView["runs"]): ThreadView["runs"] {
  return Object.fromEntries(Object.entries(runs).filter(([, run]) => run.usage !== null));
}

/**
 * Starts from the history: the messages of a thread as they were last saved.
 * @param view the live view so far; its runs stay, its messages win over older saved ones, and what
 *   it knows to be superseded stays away.
 * @param history superseded messages may be among it: they leave the view, if an edit was missed.
 */
export function withHistory(view: ThreadView, history: readonly Message[]): ThreadView {
  const live = new Map(view.messages.map((message) => [message.id, message]));
  const saved = history.map((message): MessageView => {
    const known = live.get(message.id);
    live.delete(message.id);
    if (known && (message.status === "streaming" || known.status !== "streaming")) return known;
    return {
      id: message.id,
      seq: message.seq,
      runId: message.run_id,
      role: message.role,
      text: message.content,
      status: message.status,
      createdAt: message.created_at,
    };
  });
  const messages = [...saved, ...live.values()].toSorted((a, b) => a.seq - b.seq);
  const superseded = history.flatMap(({ run_id, superseded_by }) => (superseded_by ? run_id : []));
  return supersede({ ...view, messages, stale: false }, superseded);
}

function projectEvent(before: ThreadView, event: LoggedEvent): ThreadView {
  const skipped = before.lastSeq > 0 && event.seq > before.lastSeq + 1;
  const view = {
    ...before,
    threadId: event.context.thread_id,
    lastSeq: event.seq,
    stale: before.stale || skipped,
  };
  const agent = event.context.agent ?? "";
  const place = { seq: event.seq, at: event.context.timestamp };
  switch (event.type) {
    case "message_accepted": {
      const { message_id, run_id, content, replaces } = event.data;
      const replaced = replaces ? exchangesBetween(view, replaces.seq, event.seq) : [];
      const accepted = addMessage(supersede(view, replaced), {
        id: message_id,
        seq: event.seq,
        runId: run_id,
        role: "user",
        text: content,
        status: "complete",
        createdAt: event.context.timestamp,
      });
      return withRun(accepted, run_id, (run) => run);
    }
    case "agent_started": {
      const { agent_type, model, plan, message_id } = event.data;
      const started = addMessage(view, {
        id: message_id,
        seq: event.seq,
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
        startedAt: event.context.timestamp,
        plan,
      }));
    }
    case "agent_thinking":
      return withEntry(view, event.context.run_id, {
        kind: "thinking",
        ...place,
        agent,
        text: event.data.reasoning,
      });
    case "handoff":
      return withEntry(view, event.context.run_id, {
        kind: "handoff",
        ...place,
        agent: event.data.from,
        to: event.data.to,
        reason: event.data.reason,
      });
    case "agent_fallback":
      return withEntry(view, event.context.run_id, {
        kind: "fallback",
        ...place,
        agent,
        ...event.data,
      });
    case "approval_requested":
    case "approval_decided":
    case "tool_executing":
    case "tool_completed":
      return withRun(view, event.context.run_id, (run) => ({
        ...run,
        timeline: withCallEvent(run.timeline, event),
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
        ...results,
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

const NEW_RUN: Omit<RunView, "id"> = {
  status: "queued",
  agent: null,
  model: null,
  startedAt: null,
  plan: [],
  timeline: [],
  findings: [],
  grounding: null,
  outcome: null,
  report: null,
  usage: null,
  durationMs: null,
  problem: null,
};

function withRun(view: ThreadView, id: RunId, change: (run: RunView) => RunView): ThreadView {
  const known = Object.hasOwn(view.runs, id) ? view.runs[id] : undefined;
  const run = known ?? { ...NEW_RUN, id };
  return { ...view, runs: { ...view.runs, [id]: change(run) } };
}

function withEntry(view: ThreadView, id: RunId, entry: TimelineEntry): ThreadView {
  return withRun(view, id, (run) => ({ ...run, timeline: [...run.timeline, entry] }));
}
