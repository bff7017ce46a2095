/** One user's sessions in D1, as their owner sees and ends them. */
import { and, desc, eq, gt, isNull, ne, sql } from "drizzle-orm";
import { Session } from "../protocol/account.ts";
import { SessionId, type UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { sessions } from "./tables.ts";

/**
 * Moments are RFC 3339 UTC with milliseconds. Every method throws {@link ApexError} `unavailable`
 * where D1 does not answer.
 */
export class UserSessions {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @param current the session that asks; null where something else does.
   * @returns those that have neither ended nor expired, the newest first.
   */
  async list(current: SessionId | null, now: string): Promise<Session[]> {
    const rows = await guardD1(
      this.#db
        .select()
        .from(sessions)
        .where(and(this.#isOwn(), isNull(sessions.ended_at), gt(sessions.expires_at, now)))
        .orderBy(desc(sessions.created_at)),
    );
    return rows.map((row) =>
      Session.parse({
        ...row,
        current: row.id === current,
        // Sign-ins that are older than the column have it empty.
        last_used_at: row.last_used_at || row.created_at,
      }),
    );
  }

  /**
   * Ends a session. One that has ended keeps the moment at which it did, so this may be repeated.
   * @returns false where the user has no such session.
   */
  async end(id: SessionId, now: string): Promise<boolean> {
    const ended = await guardD1(
      this.#db
        .update(sessions)
        .set({ ended_at: sql`coalesce(${sessions.ended_at}, ${now})` })
        .where(and(this.#isOwn(), eq(sessions.id, id)))
        .returning({ id: sessions.id }),
    );
    return ended.length > 0;
  }

  /** Ends all but the one that asks, where one does. @returns those that it ended. */
  async endOthers(current: SessionId | null, now: string): Promise<SessionId[]> {
    const isOther = current === null ? undefined : ne(sessions.id, current);
    const ended = await guardD1(
      this.#db
        .update(sessions)
        .set({ ended_at: now })
        .where(and(this.#isOwn(), isNull(sessions.ended_at), isOther))
        .returning({ id: sessions.id }),
    );
    return ended.map(({ id }) => SessionId.parse(id));
  }

  #isOwn() {
    return eq(sessions.user_id, this.#userId);
  }
}
