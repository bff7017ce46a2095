/** One user's messages in D1, completed by those that have not arrived there yet. */
import { and, asc, desc, eq, gt, isNull, lt } from "drizzle-orm";
import type { MessagePage, MessagesQuery } from "../protocol/api.ts";
import { Message } from "../protocol/entities.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { MessagesCursor, readCursor, writeCursor, wrongCursor } from "./cursor.ts";
import { type Database, guardD1 } from "./database.ts";
import { messages } from "./tables.ts";

export class Messages {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @param unsaved what the Thread object may know better than D1. It must be read before this is
   *   called: a message on its way from there to here is then seen twice, never missed.
   * @returns a page of the thread's messages; an empty one where the user has no such thread.
   * @throws {ApexError} `invalid_fields` where the cursor belongs to another list, thread or order;
   *   `unavailable` where D1 does not answer.
   */
  async list(
    threadId: ThreadId,
    { limit, cursor, order, superseded }: MessagesQuery,
    unsaved: readonly Message[] = [],
  ): Promise<MessagePage> {
    const after = cursor === undefined ? null : position(cursor, threadId, order);
    const beyond = order === "asc" ? gt : lt;
    const rows = await guardD1(
      this.#db
        .select()
        .from(messages)
        .where(
          and(
            eq(messages.user_id, this.#userId),
            eq(messages.thread_id, threadId),
            superseded === "include" ? undefined : isNull(messages.superseded_by),
            after === null ? undefined : beyond(messages.seq, after),
          ),
        )
        .orderBy(order === "asc" ? asc(messages.seq) : desc(messages.seq))
        .limit(limit + 1),
    );
    const forwards = order === "asc" ? 1 : -1;
    const merged = merge(
      rows.map((row) => Message.parse(row)),
      unsaved.filter(({ seq }) => after === null || (seq - after) * forwards > 0),
    ).sort((a, b) => (a.seq - b.seq) * forwards);
    const data = merged.slice(0, limit);
    const last = merged.length > limit ? data.at(-1) : undefined;
    return {
      data,
      next_cursor: last
        ? writeCursor({ list: "messages", thread_id: threadId, order, after: last.seq })
        : null,
    };
  }
}

function position(cursor: string, threadId: ThreadId, order: MessagesQuery["order"]): number {
  const { thread_id, order: begun, after } = readCursor(MessagesCursor, cursor);
  if (thread_id !== threadId || begun !== order) throw wrongCursor();
  return after;
}

/**
 * @returns every message once. A saved message whose writing has ended can't change any more; until
 * then the Thread object, which writes it, knows it better.
 */
function merge(saved: readonly Message[], unsaved: readonly Message[]): Message[] {
  const bySeq = new Map(unsaved.map((message) => [message.seq, message]));
  for (const message of saved) {
    if (message.status !== "streaming" || !bySeq.has(message.seq)) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()];
}
