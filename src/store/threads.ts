/** One user's threads in D1. */
import { and, asc, count, desc, eq, getTableColumns, gt, lt, sql } from "drizzle-orm";
import { newId } from "../core/clock.ts";
import type {
  CreateThreadBody,
  ThreadPage,
  ThreadsQuery,
  UpdateThreadBody,
} from "../protocol/api.ts";
import { Thread } from "../protocol/entities.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { type Order, pageWith } from "../protocol/paging.ts";
import { cursorOf, readCursor, ThreadsCursor, writeCursor, wrongCursor } from "./cursor.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { keepOwner } from "./history-owner.ts";
import { runReports, runs, threads } from "./history-tables.ts";

/**
 * A thread as it is read: it moves with its last message too, which is not written down a second
 * time, since each write is paid for.
 */
const moved = {
  ...getTableColumns(threads),
  updated_at: sql<string>`max(threads.updated_at, coalesce((
    SELECT created_at FROM messages WHERE thread_id = threads.id ORDER BY seq DESC LIMIT 1
  ), ''))`,
};

/**
 * Another user's thread is the same as a missing one here: no method can tell them apart. Every
 * method throws {@link ApexError} `unavailable` if D1 does not answer.
 */
export class Threads {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @param fork the id that a fork was made under, and what it was made of.
   * @returns the new thread, whose id sorts after all earlier ones.
   */
  async create(
    given: CreateThreadBody,
    now: string,
    fork?: Pick<Thread, "id" | "forked_from">,
  ): Promise<Thread> {
    const thread = Thread.parse({
      id: fork?.id ?? newId(),
      title: given.title ?? null,
      metadata: given.metadata ?? {},
      forked_from: fork?.forked_from ?? null,
      created_at: now,
      updated_at: now,
    });
    await keepOwner(this.#db, this.#userId);
    await guardD1(this.#db.insert(threads).values({ ...thread, user_id: this.#userId }));
    return thread;
  }

  async get(threadId: ThreadId): Promise<Thread | null> {
    const row = await guardD1(
      this.#db.select(moved).from(threads).where(this.#own(threadId)).get(),
    );
    return row ? Thread.parse(row) : null;
  }

  async exists(threadId: ThreadId): Promise<boolean> {
    const row = await guardD1(
      this.#db.select({ id: threads.id }).from(threads).where(this.#own(threadId)).get(),
    );
    return row !== undefined;
  }

  /**
   * @returns a page of the threads, the newest first where nothing else is asked.
   * @throws {ApexError} `invalid_fields` where the cursor is not one of this list.
   */
  async list(query: Pick<ThreadsQuery, "limit"> & Partial<ThreadsQuery>): Promise<ThreadPage> {
    const { limit, page, order = "desc" } = query;
    const after = placeOf(order, cursorOf(query));
    const own = eq(threads.user_id, this.#userId);
    const beyond = order === "asc" ? gt : lt;
    const [rows, total] = await guardD1(
      this.#db.batch([
        this.#db
          .select(moved)
          .from(threads)
          .where(and(own, after === null ? undefined : beyond(threads.id, after)))
          .orderBy(order === "asc" ? asc(threads.id) : desc(threads.id))
          .limit(limit + 1)
          .offset(((page ?? 1) - 1) * limit),
        this.#db
          .select({ total: count() })
          .from(threads)
          .where(page === undefined ? NOTHING : own),
      ]),
    );
    const data = rows.slice(0, limit).map((row) => Thread.parse(row));
    const last = rows.length > limit ? data.at(-1) : undefined;
    return pageWith(
      data,
      last ? writeCursor({ list: "threads", order, after: last.id }) : null,
      page === undefined ? undefined : { page, limit, total: total[0]?.total ?? 0 },
    );
  }

  /** @returns the thread as it is after the change, or null where there is none. */
  async update(threadId: ThreadId, change: UpdateThreadBody, now: string): Promise<Thread | null> {
    const row = await guardD1(
      this.#db
        .update(threads)
        .set({ title: change.title, metadata: change.metadata, updated_at: now })
        .where(this.#own(threadId))
        .returning()
        .get(),
    );
    return row ? Thread.parse(row) : null;
  }

  /** Deletes the thread with its messages, runs and reports. @returns false where there is none. */
  async delete(threadId: ThreadId): Promise<boolean> {
    const [, , deleted] = await guardD1(
      this.#db.batch([
        this.#db
          .delete(runs)
          .where(and(eq(runs.user_id, this.#userId), eq(runs.thread_id, threadId))),
        this.#db
          .delete(runReports)
          .where(and(eq(runReports.user_id, this.#userId), eq(runReports.thread_id, threadId))),
        this.#db.delete(threads).where(this.#own(threadId)).returning({ id: threads.id }),
      ]),
    );
    return deleted.length > 0;
  }

  #own(threadId: ThreadId) {
    return and(eq(threads.user_id, this.#userId), eq(threads.id, threadId));
  }
}

/** For what is not asked for: no row is read to count it. */
const NOTHING = sql`0`;

/** @returns the thread after which a page begins; null for the first one. */
function placeOf(order: Order, cursor: string | undefined): ThreadId | null {
  if (cursor === undefined) return null;
  const place = readCursor(ThreadsCursor, cursor);
  if (place.order !== order) throw wrongCursor();
  return place.after;
}
