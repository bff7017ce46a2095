/** Threads, messages and runs for the store's tests, whole and valid, each named by a number. */
import { newId, timestamp } from "../../../src/core/clock.ts";
import { Message, type Run, type Thread, type User } from "../../../src/protocol/entities.ts";
import type { ThreadId } from "../../../src/protocol/ids.ts";
import { HistoryRow } from "../../../src/store/history.ts";
import { Threads } from "../../../src/store/threads.ts";
import { db } from "./people.ts";

/** @returns a thread that is stored, without messages. */
export function thread(user: User): Promise<Thread> {
  return new Threads(db, user.id).create({}, timestamp(0));
}

/** @returns the message a thread's event of this seq created. */
export function message(threadId: ThreadId, seq: number, overrides: Partial<Message> = {}) {
  return Message.parse({
    id: `message ${seq}`,
    thread_id: threadId,
    run_id: "run 1",
    seq,
    role: "user",
    content: `What was said at ${seq}`,
    agent: null,
    status: "complete",
    superseded_by: null,
    created_at: timestamp(seq),
    ...overrides,
  });
}

/** @returns a message as the outbox brings it; its version is its seq where none is given. */
export function saved(given: Message, version = given.seq): HistoryRow {
  return { kind: "message", version, message: given };
}

/** @returns a run that waits, as the outbox brings it. */
export function savedRun(threadId: ThreadId, version: number, overrides: Partial<Run> = {}) {
  return HistoryRow.parse({
    kind: "run",
    version,
    run: {
      id: newId(),
      thread_id: threadId,
      message_id: "message 1",
      answer_id: "message 3",
      status: "queued",
      agent: "supervisor",
      model: "demo",
      usage: null,
      problem: null,
      created_at: timestamp(1),
      started_at: null,
      completed_at: null,
      ...overrides,
    },
  });
}
