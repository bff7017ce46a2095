/** API keys: each holds at most the scopes of the user who made it, and is checked against D1 on every use. */
import { timingSafeEqual } from "node:crypto";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { CreateApiKeyBody, CreatedApiKey } from "../protocol/account.ts";
import { ApexError } from "../protocol/errors.ts";
import { findUnheld, keyScopesOf, scopesOf } from "../protocol/scopes.ts";
import { ApiKeys, findApiKey, type KnownApiKey, MAX_API_KEYS } from "../store/api-keys.ts";
import type { Database } from "../store/database.ts";
import { API_KEY_PREFIX, newApiKey, readApiKey } from "./api-key-format.ts";
import type { Principal } from "./principal.ts";

const DAY_MS = 24 * 60 * 60_000;
/** How long a revoked key is still listed, in milliseconds. */
const LISTED_MS = 90 * DAY_MS;
/** The least time between two updates of a key's `last_used_at`, in milliseconds. */
const NOTED_MS = 60_000;

interface ApiKeyAuthorityParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets work finish after the response was sent. */
  readonly defer: (work: Promise<void>) => void;
}

/** @returns whether a bearer token is to be checked as an API key; it may still be invalid. */
export function looksLikeApiKey(token: string): boolean {
  return token.startsWith(API_KEY_PREFIX);
}

export class ApiKeyAuthority {
  readonly #parts: ApiKeyAuthorityParts;

  constructor(parts: ApiKeyAuthorityParts) {
    this.#parts = parts;
  }

  /**
   * @returns the key's owner, with the account's current role and tier, limited to the scopes of the key.
   * @throws {ApexError} `token_invalid`, without telling whether the key is unknown, wrong, expired or revoked;
   *   `unavailable` if D1 does not answer.
   */
  async authenticate(token: string): Promise<Principal> {
    const given = readApiKey(token);
    const known = given && (await findApiKey(this.#parts.db, given.id));
    if (given === null || known === null || !isSame(given.secretHash, known.secretHash)) {
      throw invalid();
    }
    const { key, owner } = known;
    if (key.revoked_at !== null || Date.parse(key.expires_at) <= this.#parts.clock.now()) {
      throw invalid();
    }
    this.#noteUse(known);
    return {
      userId: owner.id,
      organizationId: owner.organization_id,
      role: owner.role,
      tier: owner.tier,
      scopes: keyScopesOf(key.scopes, scopesOf(owner.role, owner.permissions)),
      voucher: { kind: "api_key", id: key.id },
      expiresAt: Math.floor(Date.parse(key.expires_at) / 1_000),
    };
  }

  /**
   * @returns a new key of the principal's. This is the only time that the key itself is shown.
   * @throws {ApexError} `forbidden` if it asks for a scope that the principal lacks; `quota_exceeded` if there
   *   are too many keys; `unavailable` if D1 does not answer.
   */
  async create(principal: Principal, body: CreateApiKeyBody): Promise<CreatedApiKey> {
    const { name, scopes, expires_in_days } = body;
    const unheld = findUnheld(scopes, principal.scopes);
    if (unheld !== undefined) {
      const message = `holds ${unheld}, which you may not do yourself`;
      throw new ApexError("forbidden", `No key of yours may have the scope ${unheld}.`, {
        errors: [{ field: "scopes", message, code: "not_permitted" }],
      });
    }
    const at = this.#parts.clock.now();
    const now = timestamp(at);
    const { key, id, start, secretHash } = newApiKey();
    const row = {
      id,
      name,
      start,
      scopes: [...new Set(scopes)],
      created_at: now,
      expires_at: timestamp(at + expires_in_days * DAY_MS),
      last_used_at: null,
      revoked_at: null,
    };
    const keys = new ApiKeys(this.#parts.db, principal.userId);
    if (await keys.create(row, secretHash, { now, forgetBefore: timestamp(at - LISTED_MS) })) {
      return { ...row, key };
    }
    const detail = `An account has at most ${MAX_API_KEYS} API keys in use. Revoke one first.`;
    throw new ApexError("quota_exceeded", detail);
  }

  /** Notes the use in the background: the request neither waits for it nor fails with it. */
  #noteUse({ key, owner }: KnownApiKey): void {
    const { clock, db, defer, log } = this.#parts;
    const now = clock.now();
    if (key.last_used_at !== null && now - Date.parse(key.last_used_at) < NOTED_MS) return;
    const noted = new ApiKeys(db, owner.id).noteUse(
      key.id,
      timestamp(now),
      timestamp(now - NOTED_MS),
    );
    defer(noted.catch((error: unknown) => log.error("api_key.use_lost", error, { id: key.id })));
  }
}

function isSame(given: string, stored: string): boolean {
  return given.length === stored.length && timingSafeEqual(Buffer.from(given), Buffer.from(stored));
}

function invalid(): ApexError {
  return new ApexError("token_invalid", "The API key is not valid. Make another one.");
}
