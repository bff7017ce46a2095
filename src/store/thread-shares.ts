/** Links to shared threads in D1: an owner's, and the one that a token opens. */
import { and, eq, exists, sql } from "drizzle-orm";
import * as z from "zod";
import { ThreadId, UserId } from "../protocol/ids.ts";
import { ThreadShare } from "../protocol/sharing.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { threadShares, threads } from "./history-tables.ts";

/** What a link shows: the messages up to a seq, which is 0 where there are none. */
export interface Snapshot {
  readonly untilSeq: number;
  readonly now: string;
}

/** A thread as somebody else's link opens it; whose it is, is not for them. */
const OpenedShare = ThreadShare.extend({
  thread_id: ThreadId,
  user_id: UserId,
  title: z.string().nullable(),
  until_seq: z.number().int().min(0),
});
export type OpenedShare = z.infer<typeof OpenedShare>;

/**
 * One user's links. Another user's thread is the same as a missing one here. Every method throws
 * {@link ApexError} `unavailable` if D1 does not answer.
 */
export class ThreadShares {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** Makes a link, in the place of the one before. @returns it; null where there is no such thread. */
  async create(
    threadId: ThreadId,
    { untilSeq, now, tokenHash }: Snapshot & { readonly tokenHash: string },
  ): Promise<ThreadShare | null> {
    const row = this.#db
      .select({
        thread_id: threads.id,
        token_hash: sql`${tokenHash}`.as("token_hash"),
        title: threads.title,
        until_seq: sql`${untilSeq}`.as("until_seq"),
        created_at: sql`${now}`.as("created_at"),
        renewed_at: sql`${now}`.as("renewed_at"),
      })
      .from(threads)
      .where(this.#owns(threadId));
    const made = await guardD1(
      this.#db
        .insert(threadShares)
        .select(row)
        .onConflictDoUpdate({
          target: threadShares.thread_id,
          set: {
            token_hash: tokenHash,
            title: sql`excluded.title`,
            until_seq: untilSeq,
            created_at: now,
            renewed_at: now,
          },
        })
        .returning()
        .get(),
    );
    return made ? ThreadShare.parse(made) : null;
  }

  /** Brings what a link shows up to date. @returns it; null where there is none. */
  async renew(threadId: ThreadId, { untilSeq, now }: Snapshot): Promise<ThreadShare | null> {
    const title = this.#db.select({ title: threads.title }).from(threads);
    const renewed = await guardD1(
      this.#db
        .update(threadShares)
        .set({
          title: sql`(${title.where(this.#owns(threadId))})`,
          until_seq: untilSeq,
          renewed_at: now,
        })
        .where(this.#own(threadId))
        .returning()
        .get(),
    );
    return renewed ? ThreadShare.parse(renewed) : null;
  }

  async get(threadId: ThreadId): Promise<ThreadShare | null> {
    const row = await guardD1(
      this.#db.select().from(threadShares).where(this.#own(threadId)).get(),
    );
    return row ? ThreadShare.parse(row) : null;
  }

  /** @returns false where the thread was not shared. */
  async delete(threadId: ThreadId): Promise<boolean> {
    const deleted = await guardD1(
      this.#db
        .delete(threadShares)
        .where(this.#own(threadId))
        .returning({ id: threadShares.thread_id }),
    );
    return deleted.length > 0;
  }

  #owns(threadId: ThreadId) {
    return and(eq(threads.user_id, this.#userId), eq(threads.id, threadId));
  }

  #own(threadId: ThreadId) {
    const owned = this.#db.select({ id: threads.id }).from(threads).where(this.#owns(threadId));
    return and(eq(threadShares.thread_id, threadId), exists(owned));
  }
}

/**
 * @returns what a link opens, or null where there is none of this token any more.
 * @throws {ApexError} `unavailable` if D1 does not answer.
 */
export async function openShare(
  db: HistoryDatabase,
  tokenHash: string,
): Promise<OpenedShare | null> {
  const found = await guardD1(
    db
      .select({ share: threadShares, user_id: threads.user_id })
      .from(threadShares)
      .innerJoin(threads, eq(threads.id, threadShares.thread_id))
      .where(eq(threadShares.token_hash, tokenHash))
      .get(),
  );
  return found ? OpenedShare.parse({ ...found.share, user_id: found.user_id }) : null;
}
