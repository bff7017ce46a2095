/** API keys in D1: known by the hash of their secret, made and revoked by their owner. */
import { and, count, desc, eq, isNull, lt, lte, or, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { ApiKey } from "../protocol/account.ts";
import { User } from "../protocol/entities.ts";
import type { ApiKeyId, UserId } from "../protocol/ids.ts";
import { USER } from "./accounts.ts";
import { type Database, guardD1 } from "./database.ts";
import { apiKeys, organizations, users } from "./tables.ts";

/** Keys that may be in use at once. */
export const MAX_API_KEYS = 50;
/** Keys that a list shows, those in use first. */
const MAX_LISTED = 200;

/** A key as it is found by who asks with it, with its owner as the account is now. */
export interface KnownApiKey {
  readonly key: ApiKey;
  readonly secretHash: string;
  readonly owner: User;
}

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class ApiKeys {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @param forgetBefore keys that ended before this moment, revoked or expired, are swept away.
   * @returns false if the user already has {@link MAX_API_KEYS} in use. Concurrent calls cannot exceed it either.
   */
  async create(
    key: ApiKey,
    secretHash: string,
    { now, forgetBefore }: { readonly now: string; readonly forgetBefore: string },
  ): Promise<boolean> {
    const inUse = this.#db
      .select({ count: count() })
      .from(apiKeys)
      .where(and(this.#isOwn(), isInUse(now)));
    const isOver = or(lt(apiKeys.revoked_at, forgetBefore), lt(apiKeys.expires_at, forgetBefore));
    const row = this.#db
      .select({
        id: sql`${key.id}`.as("id"),
        user_id: users.id,
        name: sql`${key.name}`.as("name"),
        start: sql`${key.start}`.as("start"),
        secret_hash: sql`${secretHash}`.as("secret_hash"),
        scopes: sql`${JSON.stringify(key.scopes)}`.as("scopes"),
        created_at: sql`${key.created_at}`.as("created_at"),
        expires_at: sql`${key.expires_at}`.as("expires_at"),
        last_used_at: sql`NULL`.as("last_used_at"),
        revoked_at: sql`NULL`.as("revoked_at"),
      })
      .from(users)
      .where(and(eq(users.id, this.#userId), lt(sql`(${inUse})`, MAX_API_KEYS)));
    const [, made] = await guardD1(
      this.#db.batch([
        this.#db.delete(apiKeys).where(and(this.#isOwn(), isOver)),
        this.#db.insert(apiKeys).select(row).returning({ id: apiKeys.id }),
      ]),
    );
    return made.length > 0;
  }

  /** @returns the newest first, after those that are in use. */
  async list(now: string): Promise<ApiKey[]> {
    const rows = await guardD1(
      this.#db
        .select()
        .from(apiKeys)
        .where(this.#isOwn())
        .orderBy(desc(isInUse(now)), desc(apiKeys.id))
        .limit(MAX_LISTED),
    );
    return z.array(ApiKey).parse(rows);
  }

  /** A key that was revoked before keeps that moment. @returns false where the user has no such key. */
  async revoke(id: ApiKeyId, now: string): Promise<boolean> {
    const revoked = await guardD1(
      this.#db
        .update(apiKeys)
        .set({ revoked_at: sql`coalesce(${apiKeys.revoked_at}, ${now})` })
        .where(and(this.#isOwn(), eq(apiKeys.id, id)))
        .returning({ id: apiKeys.id }),
    );
    return revoked.length > 0;
  }

  /** @param unlessSince a use is not written where one after this moment is. */
  async noteUse(id: ApiKeyId, now: string, unlessSince: string): Promise<void> {
    const isStale = or(isNull(apiKeys.last_used_at), lte(apiKeys.last_used_at, unlessSince));
    await guardD1(
      this.#db
        .update(apiKeys)
        .set({ last_used_at: now })
        .where(and(this.#isOwn(), eq(apiKeys.id, id), isStale)),
    );
  }

  #isOwn() {
    return eq(apiKeys.user_id, this.#userId);
  }
}

function isInUse(now: string): SQL {
  return sql`${apiKeys.revoked_at} IS NULL AND ${apiKeys.expires_at} > ${now}`;
}

/**
 * Finds a key before there is a verified user, with its owner in the same query.
 * @throws {ApexError} `unavailable`.
 */
export async function findApiKey(db: Database, id: ApiKeyId): Promise<KnownApiKey | null> {
  const row = await guardD1(
    db
      .select({ key: apiKeys, owner: USER })
      .from(apiKeys)
      .innerJoin(users, eq(users.id, apiKeys.user_id))
      .leftJoin(organizations, eq(organizations.id, users.organization_id))
      .where(eq(apiKeys.id, id))
      .get(),
  );
  if (row === undefined) return null;
  const { secret_hash: secretHash } = row.key;
  return { key: ApiKey.parse(row.key), secretHash, owner: User.parse(row.owner) };
}
