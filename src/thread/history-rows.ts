/** What the history is told of a run: when its message is accepted, and when it has ended. */
import { timestamp } from "../core/clock.ts";
import type { Message } from "../protocol/entities.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { MESSAGE_STATUS } from "../protocol/projection.ts";
import type { HistoryRow } from "../store/history.ts";
import type { RunRow } from "./run-rows.ts";
import { toRun } from "./wire-run.ts";

/** A title is the beginning of the first message, at most so many characters of it. */
const TITLE_LENGTH = 60;

/** @param version the seq of the thread's last event: what is newer in the thread is newer in D1. */
export function rowsOfAccepted(run: RunRow, threadId: ThreadId, version: number): HistoryRow[] {
  const title = titleOf(run.content);
  return [
    { kind: "message", version, message: questionOf(run, threadId) },
    runRow(run, threadId, version),
    {
      kind: "thread",
      version,
      thread_id: threadId,
      updated_at: timestamp(run.accepted_at),
      ...(title !== "" && { title }),
    },
  ];
}

/** @param run the run with its final state, answer included. */
export function rowsOfEnded(run: RunRow, threadId: ThreadId, version: number): HistoryRow[] {
  const answer = answerOf(run, threadId);
  return [
    ...(answer === null ? [] : [{ kind: "message" as const, version, message: answer }]),
    runRow(run, threadId, version),
    {
      kind: "thread",
      version,
      thread_id: threadId,
      updated_at: timestamp(run.ended_at ?? run.accepted_at),
    },
  ];
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
    superseded_by: null,
    created_at: timestamp(run.started_at),
  };
}

function questionOf(run: RunRow, threadId: ThreadId): Message {
  return {
    id: run.message_id,
    thread_id: threadId,
    run_id: run.run_id,
    seq: run.accepted_seq,
    role: "user",
    content: run.content,
    agent: null,
    status: "complete",
    superseded_by: null,
    created_at: timestamp(run.accepted_at),
  };
}

function runRow(run: RunRow, threadId: ThreadId, version: number): HistoryRow {
  const { final_response: _, ...saved } = toRun(run, threadId);
  return { kind: "run", version, run: saved };
}

function titleOf(content: string): string {
  const line = content.trim().split(/\s+/).join(" ");
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.slice(0, TITLE_LENGTH).replace(/\s\S*$/, "");
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}
