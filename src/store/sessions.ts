/** Sessions in D1: refresh tokens, known by their hashes alone, that are spent and replaced at each use. */
import { and, eq, gt, inArray, isNotNull, isNull, lte, not, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { SessionId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { refreshTokens, sessions } from "./tables.ts";

/** A session, and whose it is. */
export interface OwnedSession {
  readonly sessionId: SessionId;
  readonly userId: UserId;
}

/** What a refresh token was worth. Everything but `rotated` means: sign in again. */
export type Rotation =
  | ({ readonly outcome: "rotated" } & OwnedSession)
  /** This very use has ended the session. */
  | ({ readonly outcome: "reused" } & OwnedSession)
  | { readonly outcome: "unknown" | "expired" | "ended" };

export interface NewSession {
  readonly id: SessionId;
  readonly userId: UserId;
  /** What vouched for the user: `password`, `development`, or a provider's name. */
  readonly method: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Hash of the first refresh token. */
  readonly tokenHash: string;
  readonly now: string;
  /** When the session ends for good: rotating does not prolong it. */
  readonly expiresAt: string;
}

/** A use of a refresh token. */
export interface RotationRequest {
  readonly tokenHash: string;
  /** Hash of the token to take its place. */
  readonly nextHash: string;
  readonly now: string;
  /** A token that was spent after this may be presented again, if its successor was not. */
  readonly graceSince: string;
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
  async start(session: NewSession): Promise<void> {
    const { id, userId, method, address, userAgent, tokenHash, now, expiresAt } = session;
    await guardD1(
      this.#db.batch([
        this.#db
          .delete(sessions)
          .where(and(eq(sessions.user_id, userId), lte(sessions.expires_at, now))),
        this.#db.insert(sessions).values({
          id,
          user_id: userId,
          method,
          address,
          user_agent: userAgent,
          created_at: now,
          last_used_at: now,
          expires_at: expiresAt,
        }),
        this.#db
          .insert(refreshTokens)
          .values({ token_hash: tokenHash, session_id: id, issued_at: now }),
      ]),
    );
  }

  /**
   * Spends a refresh token and puts the next one in its place (RFC 9700, section 4.14.2).
   *
   * A spent token seen again means that two parties hold it, or that an answer was lost on its way to
   * an honest client. The two look alike until the successor is used, so a token that was just spent,
   * and whose successor was not, gets a fresh successor, and the unused one dies. Whoever holds that
   * one, thief or owner, ends the session by presenting it: at any time one token of a session is
   * worth anything, and of two parties one is always found out at its next refresh, as where the
   * thief is first. What a thief gains is thus no new case, but a second way into that one, open
   * for seconds after each use. Any other reuse ends the session at once.
   *
   * Uses at once come one after the other: each takes the place of the one before.
   */
  async rotate(request: RotationRequest): Promise<Rotation> {
    const { tokenHash, nextHash, now, graceSince } = request;
    const isToken = eq(refreshTokens.token_hash, tokenHash);
    const isReplaced = inArray(sql`${nextHash}`, this.#db.select(HASH).from(refreshTokens));
    const successor = alias(refreshTokens, "successor");
    const isUsable = or(
      isNull(refreshTokens.spent_at),
      and(
        gt(refreshTokens.spent_at, graceSince),
        isNotNull(successor.token_hash),
        isNull(successor.spent_at),
      ),
    );
    const successorOfToken = this.#db
      .select({ hash: refreshTokens.successor_hash })
      .from(refreshTokens)
      .where(isToken);
    // A batch is one transaction, so what the first statement reads holds for the ones after it.
    const [found, made] = await guardD1(
      this.#db.batch([
        this.#db
          .select()
          .from(refreshTokens)
          .innerJoin(sessions, eq(sessions.id, refreshTokens.session_id))
          .where(isToken),
        this.#db
          .insert(refreshTokens)
          .select(
            this.#db
              .select({
                token_hash: sql<string>`${nextHash}`.as("token_hash"),
                session_id: refreshTokens.session_id,
                issued_at: sql<string>`${now}`.as("issued_at"),
                spent_at: sql<null>`NULL`.as("spent_at"),
                successor_hash: sql<null>`NULL`.as("successor_hash"),
              })
              .from(refreshTokens)
              .innerJoin(sessions, eq(sessions.id, refreshTokens.session_id))
              .leftJoin(successor, eq(successor.token_hash, refreshTokens.successor_hash))
              .where(and(isToken, liveAt(now), isUsable)),
          )
          .returning(HASH),
        this.#db
          .update(sessions)
          .set({ ended_at: now })
          .where(
            and(
              inArray(sessions.id, this.#ownerOf(tokenHash, isNotNull(refreshTokens.spent_at))),
              isNull(sessions.ended_at),
              not(isReplaced),
            ),
          ),
        this.#db
          .update(refreshTokens)
          .set({ spent_at: now })
          .where(and(inArray(refreshTokens.token_hash, successorOfToken), isReplaced)),
        this.#db
          .update(refreshTokens)
          .set({
            spent_at: sql`coalesce(${refreshTokens.spent_at}, ${now})`,
            successor_hash: nextHash,
          })
          .where(and(isToken, isReplaced)),
        this.#db
          .update(sessions)
          .set({ last_used_at: now })
          .where(and(inArray(sessions.id, this.#ownerOf(tokenHash)), isReplaced)),
      ]),
    );
    const before = found[0]?.sessions;
    if (!before) return { outcome: "unknown" };
    if (made.length > 0) return { outcome: "rotated", ...ownedSession(before) };
    if (before.ended_at !== null) return { outcome: "ended" };
    if (before.expires_at <= now) return { outcome: "expired" };
    return { outcome: "reused", ...ownedSession(before) };
  }

  /** @returns the session that a refresh token belongs to, spent or not; null for an unknown token. */
  async ownerOf(tokenHash: string): Promise<OwnedSession | null> {
    const row = await guardD1(
      this.#db
        .select()
        .from(sessions)
        .where(inArray(sessions.id, this.#ownerOf(tokenHash)))
        .get(),
    );
    return row ? ownedSession(row) : null;
  }

  /** The query for the session of a token, where the token also meets the conditions. */
  #ownerOf(tokenHash: string, ...conditions: SQL[]) {
    return this.#db
      .select({ id: refreshTokens.session_id })
      .from(refreshTokens)
      .where(and(eq(refreshTokens.token_hash, tokenHash), ...conditions));
  }
}

const HASH = { hash: refreshTokens.token_hash };

function liveAt(now: string) {
  return and(isNull(sessions.ended_at), gt(sessions.expires_at, now));
}

function ownedSession({ id, user_id }: typeof sessions.$inferSelect): OwnedSession {
  return { sessionId: SessionId.parse(id), userId: UserId.parse(user_id) };
}
