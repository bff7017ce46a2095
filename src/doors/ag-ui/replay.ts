/** A thread's past as AG-UI events: every run that ended and still counts, one after the other. */
import type { Message } from "../../protocol/entities.ts";
import type { LoggedEvent } from "../../protocol/events.ts";
import { project } from "../../protocol/projection.ts";
import { EMPTY_THREAD } from "../../protocol/thread-view.ts";
import { RunEncoder } from "./encode-run.ts";
import type { AgUiEvent, AgUiMessage } from "./events.ts";

type Accepted = Extract<LoggedEvent, { type: "message_accepted" }>;

/** What is told of a thread's past, and what is still under way. */
interface Replay {
  readonly events: readonly AgUiEvent[];
  /** The conversation as it stands after them. */
  readonly messages: readonly AgUiMessage[];
  /** The first message whose run has not ended. */
  readonly unanswered: Accepted | null;
}

/**
 * @param threadId the client's name for the thread.
 * @param log the thread's events, from its beginning.
 */
export function replayOf(threadId: string, log: readonly LoggedEvent[]): Replay {
  const { superseded } = log.reduce(project, EMPTY_THREAD);
  const byRun = Map.groupBy(log, ({ context }) => context.run_id);
  const events: AgUiEvent[] = [];
  let messages: readonly AgUiMessage[] = [];
  let unanswered: Accepted | null = null;
  for (const [runId, frames] of byRun) {
    const accepted = frames.find((event) => event.type === "message_accepted");
    if (runId === null || accepted === undefined || superseded.includes(runId)) continue;
    if (frames.at(-1)?.type !== "agent_completed") {
      unanswered ??= accepted;
      continue;
    }
    const asked = askedBy(accepted);
    const encoder = new RunEncoder({ threadId, runId, before: [...messages, asked] });
    events.push(...encoder.start([asked]), ...frames.flatMap((frame) => encoder.encode(frame)));
    messages = encoder.messages;
  }
  return { events, messages, unanswered };
}

/** @returns the message as its client knows it: by the id that came with it, where one did. */
export function askedBy({ data }: Accepted): AgUiMessage {
  const { client_message_id, message_id, content } = data;
  return { id: client_message_id ?? message_id, role: "user", content };
}

/** @returns the messages of a thread whose log does not reach back to its beginning, as one run of the past. */
export function historyOf(
  threadId: string,
  history: readonly Message[],
): Omit<Replay, "unanswered"> {
  const messages = history
    .filter(({ status, role }) => role === "user" || status !== "streaming")
    .map(({ id, role, content }) => ({ id, role, content }));
  const run = { threadId, runId: "history" };
  const events: AgUiEvent[] = [
    { type: "RUN_STARTED", ...run },
    { type: "MESSAGES_SNAPSHOT", messages },
    { type: "RUN_FINISHED", ...run, result: {}, usage: [] },
  ];
  return { events, messages };
}
