/** Sessions in D1: refresh tokens, known by their hashes alone, that are spent and replaced at each use. */
import { and, eq, gt, inArray, isNotNull, isNull, lte, type SQL, sql } from "drizzle-orm";
import { SessionId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { refreshTokens, sessions } from "./tables.ts";

/** A session, and whose it is. */
export interface OwnedSession {
  readonly sessionId: SessionId;
  readonly userId: UserId;
}

/** A spent refresh token was presented again. */
export interface Reuse extends OwnedSession {
  readonly outcome: "reused";
  /** Whether this very use has ended the session, which no other had ended before. */
  readonly hasEnded: boolean;
}

/** What a refresh token was worth. Everything but `rotated` means: sign in again. */
export type Rotation =
  | ({ readonly outcome: "rotated" } & OwnedSession)
  | Reuse
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
   * Spends a refresh token and puts the next one in its place. A spent one that is presented again, at
   * whatever time, ends its session: two parties hold it, and nobody can tell a hasty client from a
   * thief (RFC 9700, section 4.14.2). So of uses at once the first rotates, and the others end it.
   */
  async rotate(request: RotationRequest): Promise<Rotation> {
    const { tokenHash, nextHash, now } = request;
    const live = this.#db.select({ id: sessions.id }).from(sessions).where(liveAt(now));
    const isFresh = and(
      eq(refreshTokens.token_hash, tokenHash),
      isNull(refreshTokens.spent_at),
      inArray(refreshTokens.session_id, live),
    );
    // A batch is one transaction, so what the first statement reads holds for the ones after it.
    const [found] = await guardD1(
      this.#db.batch([
        this.#db
          .select()
          .from(refreshTokens)
          .innerJoin(sessions, eq(sessions.id, refreshTokens.session_id))
          .where(eq(refreshTokens.token_hash, tokenHash)),
        this.#db
          .update(sessions)
          .set({ ended_at: now })
          .where(
            and(
              inArray(sessions.id, this.#ownerOf(tokenHash, isNotNull(refreshTokens.spent_at))),
              isNull(sessions.ended_at),
            ),
          ),
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
        this.#db
          .update(sessions)
          .set({ last_used_at: now })
          .where(
            and(
              inArray(sessions.id, this.#ownerOf(tokenHash, isNull(refreshTokens.spent_at))),
              liveAt(now),
            ),
          ),
        this.#db.update(refreshTokens).set({ spent_at: now }).where(isFresh),
      ]),
    );
    const [before] = found;
    if (!before) return { outcome: "unknown" };
    const { refresh_tokens: token, sessions: session } = before;
    if (token.spent_at !== null) {
      return { outcome: "reused", hasEnded: session.ended_at === null, ...ownedSession(session) };
    }
    if (session.ended_at !== null) return { outcome: "ended" };
    if (session.expires_at <= now) return { outcome: "expired" };
    return { outcome: "rotated", ...ownedSession(session) };
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

function liveAt(now: string) {
  return and(isNull(sessions.ended_at), gt(sessions.expires_at, now));
}

function ownedSession({ id, user_id }: typeof sessions.$inferSelect): OwnedSession {
  return { sessionId: SessionId.parse(id), userId: UserId.parse(user_id) };
}
