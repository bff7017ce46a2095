/** Sessions in D1: refresh tokens, known by their hashes alone, that are spent and replaced at each use. */
import { and, eq, gt, inArray, isNotNull, isNull, lte, type SQL, sql } from "drizzle-orm";
import { SessionId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { refreshTokens, sessions } from "./tables.ts";

/** What a refresh token was worth. Everything but `rotated` means: sign in again. */
export type Rotation =
  | { readonly outcome: "rotated"; readonly sessionId: SessionId; readonly userId: UserId }
  | { readonly outcome: "unknown" | "expired" | "ended" | "reused" };

export interface NewSession {
  readonly id: SessionId;
  readonly userId: UserId;
  /** The provider that vouched; `password` where none is named. */
  readonly method?: string;
  /** Hash of the first refresh token. */
  readonly tokenHash: string;
  readonly now: string;
  /** When the session ends for good: rotating does not prolong it. */
  readonly expiresAt: string;
}

/**
 * Moments are RFC 3339 UTC with milliseconds, which sort as text. Every method throws
 * {@link ApexError} `unavailable` where D1 does not answer.
 */
export class Sessions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Starts a session, and sweeps away the user's expired ones. */
  async start({
    id,
    userId,
    method = "password",
    tokenHash,
    now,
    expiresAt,
  }: NewSession): Promise<void> {
    await guardD1(
      this.#db.batch([
        this.#db
          .delete(sessions)
          .where(and(eq(sessions.user_id, userId), lte(sessions.expires_at, now))),
        this.#db
          .insert(sessions)
          .values({ id, user_id: userId, method, created_at: now, expires_at: expiresAt }),
        this.#db
          .insert(refreshTokens)
          .values({ token_hash: tokenHash, session_id: id, issued_at: now }),
      ]),
    );
  }

  /**
   * Spends a refresh token and puts the next one in its place (RFC 9700, section 4.14.2).
   *
   * A spent token seen again means that two parties hold it, so its whole session ends. That goes
   * for two uses at once as well: one rotates, the other counts as reuse, and both must sign in
   * again, because nobody can tell a hasty client from a thief.
   */
  async rotate(token: {
    readonly tokenHash: string;
    readonly nextHash: string;
    readonly now: string;
  }): Promise<Rotation> {
    const { tokenHash, nextHash, now } = token;
    const isToken = eq(refreshTokens.token_hash, tokenHash);
    const live = this.#db.select({ id: sessions.id }).from(sessions).where(liveAt(now));
    const isFresh = and(
      isToken,
      isNull(refreshTokens.spent_at),
      inArray(refreshTokens.session_id, live),
    );
    // A batch is one transaction, so what the first statement reads holds for the ones after it.
    const [found] = await guardD1(
      this.#db.batch([
        this.#db
          .select({
            sessionId: sessions.id,
            userId: sessions.user_id,
            endedAt: sessions.ended_at,
            expiresAt: sessions.expires_at,
            spentAt: refreshTokens.spent_at,
          })
          .from(refreshTokens)
          .innerJoin(sessions, eq(sessions.id, refreshTokens.session_id))
          .where(isToken),
        this.#endOwner(tokenHash, now, isNotNull(refreshTokens.spent_at)),
        this.#db.insert(refreshTokens).select(
          this.#db
            .select({
              token_hash: sql<string>`${nextHash}`.as("token_hash"),
              session_id: refreshTokens.session_id,
              issued_at: sql<string>`${now}`.as("issued_at"),
              spent_at: sql<null>`NULL`.as("spent_at"),
            })
            .from(refreshTokens)
            .where(isFresh),
        ),
        this.#db.update(refreshTokens).set({ spent_at: now }).where(isFresh),
      ]),
    );
    const [before] = found;
    if (!before) return { outcome: "unknown" };
    if (before.spentAt !== null) return { outcome: "reused" };
    if (before.endedAt !== null) return { outcome: "ended" };
    if (before.expiresAt <= now) return { outcome: "expired" };
    return {
      outcome: "rotated",
      sessionId: SessionId.parse(before.sessionId),
      userId: UserId.parse(before.userId),
    };
  }

  /** Ends a session. One that has ended keeps the moment at which it did. */
  async end(sessionId: SessionId, now: string): Promise<void> {
    await guardD1(
      this.#db
        .update(sessions)
        .set({ ended_at: now })
        .where(and(eq(sessions.id, sessionId), isNull(sessions.ended_at))),
    );
  }

  /** Ends the session a refresh token belongs to, spent or not; an unknown token ends nothing. */
  async endByToken(tokenHash: string, now: string): Promise<void> {
    await guardD1(this.#endOwner(tokenHash, now));
  }

  /** @returns whether the session exists, has not ended and has not expired. */
  async isLive(sessionId: SessionId, now: string): Promise<boolean> {
    const row = await guardD1(
      this.#db
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(eq(sessions.id, sessionId), liveAt(now)))
        .get(),
    );
    return row !== undefined;
  }

  /** The write that ends a token's session, where the token also meets the conditions. */
  #endOwner(tokenHash: string, now: string, ...conditions: SQL[]) {
    const owner = this.#db
      .select({ id: refreshTokens.session_id })
      .from(refreshTokens)
      .where(and(eq(refreshTokens.token_hash, tokenHash), ...conditions));
    return this.#db
      .update(sessions)
      .set({ ended_at: now })
      .where(and(inArray(sessions.id, owner), isNull(sessions.ended_at)));
  }
}

function liveAt(now: string) {
  return and(isNull(sessions.ended_at), gt(sessions.expires_at, now));
}
