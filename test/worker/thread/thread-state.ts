/** What a thread holds, read from the object's own tables and from D1. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { z } from "zod";
import { systemClock } from "../../../src/core/clock.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import { runIdOf } from "../../../src/protocol/ids.ts";
import type { Conversation } from "./conversation.ts";
import { UNFINISHED } from "./unfinished.ts";
import { UNSAVED_COMMITS } from "./unsaved-commits.ts";

const Row = z.object({ events: z.string() });
const Unfinished = z.object({ accepted_seq: z.number() });
/** Longer than any work that waits for its alarm is put off, in milliseconds. */
const LONGEST_PAUSE_MS = 2 * 60_000;
const Count = z.object({ count: z.number() });

export interface ThreadState {
  readonly journal: readonly LoggedEvent[];
  /** The runs that have not ended. */
  readonly unfinished: readonly string[];
  readonly outbox: number;
  /**
   * When the alarm rings, in milliseconds since the Unix epoch, or null: for work to do, that is; a
   * thread with nothing but open sockets has one for the next of their tokens to run out.
   */
  readonly alarm: number | null;
}

/** Reads the object, and wakes it where it was dead or asleep. */
export function stateOf(thread: Conversation): Promise<ThreadState> {
  return runInDurableObject(thread.object, async (_, state) => {
    const { storage } = state;
    const rows = (query: string) => storage.sql.exec(query).toArray();
    return {
      journal: rows("SELECT events FROM journal ORDER BY id").flatMap((row) =>
        LoggedEvent.array().parse(JSON.parse(Row.parse(row).events)),
      ),
      unfinished: rows(UNFINISHED).map((row) =>
        runIdOf(thread.threadId, Unfinished.parse(row).accepted_seq),
      ),
      outbox: Count.parse(storage.sql.exec(UNSAVED_COMMITS).one()).count,
      alarm: await workAlarm(state),
    };
  });
}

/** @returns when the alarm rings for work to do; null where only sockets' tokens run out some time. */
export async function workAlarm(state: DurableObjectState): Promise<number | null> {
  const alarm = await state.storage.getAlarm();
  return alarm !== null && alarm - systemClock.now() > LONGEST_PAUSE_MS ? null : alarm;
}

const SavedMessage = z.object({
  id: z.string(),
  run_id: z.string(),
  seq: z.number(),
  role: z.string(),
  content: z.string(),
  status: z.string(),
  superseded_by: z.string().nullable(),
});
export type SavedMessage = z.infer<typeof SavedMessage>;
const SavedRun = z.object({ id: z.string(), status: z.string() });
export type SavedRun = z.infer<typeof SavedRun>;

/** @returns the thread's messages as D1 itself holds them, in order. */
export async function savedMessages({ threadId }: Conversation): Promise<SavedMessage[]> {
  const query =
    "SELECT id, run_id, seq, role, content, status, superseded_by FROM messages WHERE thread_id = ? ORDER BY seq";
  const { results } = await env.DB.prepare(query).bind(threadId).all();
  return SavedMessage.array().parse(results);
}

/** @returns the thread's runs as D1 itself holds them, in the order of their ids. */
export async function savedRuns({ threadId }: Conversation): Promise<SavedRun[]> {
  const query = "SELECT id, status FROM runs WHERE thread_id = ? ORDER BY id";
  const { results } = await env.DB.prepare(query).bind(threadId).all();
  return SavedRun.array().parse(results);
}
