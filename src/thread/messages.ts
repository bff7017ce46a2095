/** The two messages of a run: what the user asked, and what is answered. */
import { timestamp } from "../core/clock.ts";
import type { Message } from "../protocol/entities.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { MESSAGE_STATUS } from "../protocol/projection.ts";
import type { RunRow } from "./run-row.ts";

/** @returns the message a run answers. */
export function questionOf(run: RunRow, threadId: ThreadId): Message {
  return {
    id: run.message_id,
    thread_id: threadId,
    run_id: run.run_id,
    seq: run.accepted_seq,
    role: "user",
    content: run.content,
    agent: null,
    status: "complete",
    superseded_by: run.superseded_by,
    created_at: timestamp(run.accepted_at),
  };
}

/** @returns the message a run writes as it stands, or null where it has not begun. */
export function answerOf(run: RunRow, threadId: ThreadId): Message | null {
  const { status } = run;
  if (run.started_seq === null || run.started_at === null) return null;
  return {
    id: run.answer_id,
    thread_id: threadId,
    run_id: run.run_id,
    seq: run.started_seq,
    role: "assistant",
    content: run.answer ?? "",
    agent: run.agent,
    status: status === "queued" || status === "running" ? "streaming" : MESSAGE_STATUS[status],
    superseded_by: run.superseded_by,
    created_at: timestamp(run.started_at),
  };
}
