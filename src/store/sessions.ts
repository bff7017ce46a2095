/** Sessions in D1: refresh tokens, known by their hashes alone, that are spent and replaced at each use. */
import {
  and,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  notExists,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { SessionId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { refreshTokens, sessions } from "./tables.ts";

/** A token that is to take another's place. */
const next = alias(refreshTokens, "next");

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
  /** `taken`: the next token is one already, of whichever session. */
  | { readonly outcome: "unknown" | "expired" | "ended" | "taken" };

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
 * {@link ApexError} `unavailable` if D1 does not answer.
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
   *
   * With the same next token, as long as that is unspent, it is the same use and rotates again: whoever
   * knows the next token has no need of the spent one, so that nothing is given away by it.
   */
  async rotate(request: RotationRequest): Promise<Rotation> {
    const { tokenHash, nextHash, now } = request;
    const isThis = eq(refreshTokens.token_hash, tokenHash);
    const live = this.#db.select({ id: sessions.id }).from(sessions).where(liveAt(now));
    const isNext = eq(next.token_hash, nextHash);
    const nextToken = this.#db.select().from(next).where(isNext);
    const unspentNext = this.#db
      .select()
      .from(next)
      .where(and(isNext, isNull(next.spent_at)));
    const isOther = or(
      isNull(refreshTokens.replaced_by),
      ne(refreshTokens.replaced_by, nextHash),
      notExists(unspentNext),
    );
    // A batch is one transaction, so what the first statement reads holds for the ones after it.
    const [found] = await guardD1(
      this.#db.batch([
        this.#db
          .select({
            token: refreshTokens,
            session: sessions,
            // Named, because a batch of D1 tells columns by their names alone.
            next_hash: sql<string | null>`${next.token_hash}`.as("next_hash"),
            next_spent_at: sql<string | null>`${next.spent_at}`.as("next_spent_at"),
          })
          .from(refreshTokens)
          .innerJoin(sessions, eq(sessions.id, refreshTokens.session_id))
          .leftJoin(next, isNext)
          .where(isThis),
        this.#db
          .update(sessions)
          .set({ ended_at: now })
          .where(
            and(
              inArray(
                sessions.id,
                this.#ownerOf(tokenHash, isNotNull(refreshTokens.spent_at), isOther),
              ),
              isNull(sessions.ended_at),
            ),
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
        this.#db
          .update(refreshTokens)
          .set({ spent_at: now, replaced_by: nextHash })
          .where(
            and(
              isThis,
              isNull(refreshTokens.spent_at),
              inArray(refreshTokens.session_id, live),
              notExists(nextToken),
            ),
          ),
        this.#db.insert(refreshTokens).select(
          this.#db
            .select({
              token_hash: sql<string>`${nextHash}`.as("token_hash"),
              session_id: refreshTokens.session_id,
              issued_at: sql<string>`${now}`.as("issued_at"),
              spent_at: sql<null>`NULL`.as("spent_at"),
              replaced_by: sql<null>`NULL`.as("replaced_by"),
            })
            .from(refreshTokens)
            .where(and(isThis, eq(refreshTokens.replaced_by, nextHash), notExists(nextToken))),
        ),
      ]),
    );
    const [before] = found;
    return before ? worthOf(before, request) : { outcome: "unknown" };
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
  #ownerOf(tokenHash: string, ...conditions: (SQL | undefined)[]) {
    return this.#db
      .select({ id: refreshTokens.session_id })
      .from(refreshTokens)
      .where(and(eq(refreshTokens.token_hash, tokenHash), ...conditions));
  }
}

/** A refresh token, its session, and the next one where there is such a token already. */
interface Before {
  readonly token: typeof refreshTokens.$inferSelect;
  readonly session: typeof sessions.$inferSelect;
  readonly next_hash: string | null;
  readonly next_spent_at: string | null;
}

/** @returns what came of the rotation, by what there was before it. */
function worthOf(before: Before, { nextHash, now }: RotationRequest): Rotation {
  const { token, session, next_hash, next_spent_at } = before;
  const isSaidAgain = token.replaced_by === nextHash && next_spent_at === null;
  if (token.spent_at !== null && !isSaidAgain) {
    return { outcome: "reused", hasEnded: session.ended_at === null, ...ownedSession(session) };
  }
  if (session.ended_at !== null) return { outcome: "ended" };
  if (session.expires_at <= now) return { outcome: "expired" };
  if (next_hash !== null && !isSaidAgain) return { outcome: "taken" };
  return { outcome: "rotated", ...ownedSession(session) };
}

function liveAt(now: string) {
  return and(isNull(sessions.ended_at), gt(sessions.expires_at, now));
}

function ownedSession({ id, user_id }: typeof sessions.$inferSelect): OwnedSession {
  return { sessionId: SessionId.parse(id), userId: UserId.parse(user_id) };
}
