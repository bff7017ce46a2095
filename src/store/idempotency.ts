/** One user's idempotency keys in D1: which request each stands for, and what that was answered. */
import { and, eq } from "drizzle-orm";
import * as z from "zod";
import type { UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { idempotencyKeys } from "./tables.ts";

/** Keys that stand for one user at once. */
const MAX_KEYS = 1_000;

/** A request by its key: of which route it is, and what it holds, as a hash. */
export interface KeyedRequest {
  readonly route: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** What a request was answered; `body` is null where that is not kept. */
export interface KeptAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: string | null;
}

const Known = z.object({
  fingerprint: z.string(),
  status: z.number().nullable(),
  location: z.string().nullable(),
  body: z.string().nullable(),
});

/** Whose turn it is: the request's own, or another's that came before. */
export type Claim =
  | { readonly kind: "first" | "reused" | "under_way" | "full" }
  | { readonly kind: "answered"; readonly answer: KeptAnswer };

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class IdempotencyKeys {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * Claims a key. Of concurrent requests exactly one succeeds. Expired keys are deleted.
   * @param expiresAt when the claim expires if it is neither kept nor released, because its request died.
   */
  async claim(request: KeyedRequest, now: string, expiresAt: string): Promise<Claim> {
    const { route, key, fingerprint } = request;
    const d1 = this.#db.$client;
    // One transaction: whoever has the key can't give it back before it is seen whose it is.
    const [, claimed, held] = await guardD1(
      d1.batch([
        d1.prepare("DELETE FROM idempotency_keys WHERE expires_at <= ?").bind(now),
        d1
          .prepare(
            `INSERT INTO idempotency_keys (user_id, route, key, fingerprint, expires_at)
             SELECT ?1, ?2, ?3, ?4, ?5
             WHERE (SELECT count(*) FROM idempotency_keys WHERE user_id = ?1) < ${MAX_KEYS}
             ON CONFLICT DO NOTHING RETURNING key`,
          )
          .bind(this.#userId, route, key, fingerprint, expiresAt),
        d1
          .prepare(
            `SELECT fingerprint, status, location, body FROM idempotency_keys
             WHERE user_id = ? AND route = ? AND key = ?`,
          )
          .bind(this.#userId, route, key),
      ]),
    );
    if ((claimed?.results.length ?? 0) > 0) return { kind: "first" };
    const [row] = held?.results ?? [];
    if (row === undefined) return { kind: "full" };
    const known = Known.parse(row);
    if (known.fingerprint !== fingerprint) return { kind: "reused" };
    const { status, location, body } = known;
    if (status === null) return { kind: "under_way" };
    return { kind: "answered", answer: { status, location, body } };
  }

  /** Keeps the answer to a request that claimed its key. */
  async keep(request: KeyedRequest, answer: KeptAnswer, expiresAt: string): Promise<void> {
    await guardD1(
      this.#db
        .update(idempotencyKeys)
        .set({ ...answer, expires_at: expiresAt })
        .where(this.#own(request)),
    );
  }

  /** Gives a key back whose request made nothing. */
  async release(request: KeyedRequest): Promise<void> {
    await guardD1(this.#db.delete(idempotencyKeys).where(this.#own(request)));
  }

  #own({ route, key }: KeyedRequest) {
    const isOwn = eq(idempotencyKeys.user_id, this.#userId);
    return and(isOwn, eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key));
  }
}
