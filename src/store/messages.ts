/** One user's messages in D1, completed by those that have not arrived there yet. */
import { and, asc, count, desc, eq, gt, isNull, lt, max } from "drizzle-orm";
import type { MessagePage, MessagesQuery } from "../protocol/api.ts";
import { Message } from "../protocol/entities.ts";
import { placeOfRun, type ThreadId, type UserId } from "../protocol/ids.ts";
import { type PageQuery, pageWith } from "../protocol/paging.ts";
import { cursorOf, MessagesCursor, readCursor, writeCursor, wrongCursor } from "./cursor.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import type { HistoryRow } from "./history.ts";
import { messages } from "./history-tables.ts";

/** What the Thread object knows better than D1. */
interface Unsaved {
  readonly messages: readonly Message[];
  readonly supersessions: readonly Extract<HistoryRow, { kind: "supersession" }>[];
}

export class Messages {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @param unsaved must be read before this is called: a message on its way from there to here is
   *   then seen twice, never missed.
   * @returns a page of the thread's messages; an empty one if the user has no such thread.
   * @throws {ApexError} `invalid_fields` if the cursor belongs to another list, thread or order;
   *   `unavailable` if D1 does not answer.
   */
  async list(
    threadId: ThreadId,
    query: MessagesQuery,
    unsaved: Unsaved = { messages: [], supersessions: [] },
  ): Promise<MessagePage> {
    const { limit, order } = query;
    const after = positionOf(threadId, query);
    const beyond = order === "asc" ? gt : lt;
    const rows = await guardD1(
      this.#db
        .select()
        .from(messages)
        .where(
          and(
            eq(messages.user_id, this.#userId),
            eq(messages.thread_id, threadId),
            query.superseded === "include" ? undefined : isNull(messages.superseded_by),
            after === null ? undefined : beyond(messages.seq, after),
          ),
        )
        .orderBy(order === "asc" ? asc(messages.seq) : desc(messages.seq))
        .limit(limit + 1),
    );
    const forwards = order === "asc" ? 1 : -1;
    const merged = merge(
      rows.map((row) => Message.parse(row)),
      unsaved.messages.filter(({ seq }) => after === null || (seq - after) * forwards > 0),
    ).sort((a, b) => (a.seq - b.seq) * forwards);
    const standing = merged.map((message) => asSuperseded(message, unsaved.supersessions));
    return pageOf(threadId, query, standing);
  }

  /** @returns how many messages the thread has, those included that have not arrived yet. */
  async count(
    threadId: ThreadId,
    superseded: MessagesQuery["superseded"],
    unsaved: Pick<Unsaved, "messages">,
  ): Promise<number> {
    const own = and(eq(messages.user_id, this.#userId), eq(messages.thread_id, threadId));
    const counts = superseded === "include" ? own : and(own, isNull(messages.superseded_by));
    const [saved, newest] = await guardD1(
      this.#db.batch([
        this.#db.select({ total: count() }).from(messages).where(counts),
        this.#db
          .select({ seq: max(messages.seq) })
          .from(messages)
          .where(own),
      ]),
    );
    const last = newest[0]?.seq ?? 0;
    const coming = unsaved.messages.filter(({ seq }) => seq > last);
    return (saved[0]?.total ?? 0) + coming.length;
  }
}

/**
 * @returns the seq after which a page begins, in its order; null for the first one.
 * @throws {ApexError} `invalid_fields` where the cursor belongs to another list, thread or order.
 */
export function positionOf(
  threadId: ThreadId,
  query: Pick<MessagesQuery, "order"> & Partial<PageQuery>,
): number | null {
  const cursor = cursorOf(query);
  if (cursor === undefined) return null;
  const { thread_id, order: begun, after } = readCursor(MessagesCursor, cursor);
  if (thread_id !== threadId || begun !== query.order) throw wrongCursor();
  return after;
}

/** @returns the page that begins a sorted list, which goes on where it is longer than the limit. */
export function pageOf(
  threadId: ThreadId,
  { limit, order, superseded }: MessagesQuery,
  sorted: readonly Message[],
): MessagePage {
  const page = sorted.slice(0, limit);
  const last = sorted.length > limit ? page.at(-1) : undefined;
  return pageWith(
    page.filter((message) => superseded === "include" || message.superseded_by === null),
    last ? writeCursor({ list: "messages", thread_id: threadId, order, after: last.seq }) : null,
  );
}

/** @returns the message, marked where its question lies within a range that D1 was not told of yet. */
function asSuperseded(message: Message, supersessions: Unsaved["supersessions"]): Message {
  const asked = placeOfRun(message.run_id)?.acceptedSeq ?? message.seq;
  const by = supersessions.find((range) => range.from_seq <= asked && asked < range.before_seq);
  if (by === undefined || message.superseded_by !== null) return message;
  return { ...message, superseded_by: by.message_id };
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
