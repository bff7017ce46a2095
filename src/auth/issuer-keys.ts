/** The public keys of an external issuer, fetched when they are needed and cached. */
import { createLocalJWKSet, errors, type JWK, type JWSHeaderParameters } from "jose";
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import type { BoundedFetch } from "./oauth/bounded-fetch.ts";

/** How long fetched keys are used before they are fetched again, in milliseconds. */
const KEYS_LIFETIME_MS = 10 * 60 * 1000;
/** The least time between two requests to the issuer, in milliseconds, even if tokens name unknown key ids. */
const COOL_DOWN_MS = 30_000;

/**
 * The issuer's metadata, which is read if no address of its keys is configured (OpenID Connect Discovery, section
 * 4).
 */
const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

type FindKey = ReturnType<typeof createLocalJWKSet>;
type Key = Awaited<ReturnType<FindKey>>;

export class IssuerKeys {
  readonly #issuer: string;
  readonly #jwksUri: string | undefined;
  readonly #fetch: BoundedFetch;
  readonly #clock: Clock;
  #find: FindKey | null = null;
  #learnedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isDown = false;

  /** @param jwksUri the address of the keys; if it is undefined, the issuer's metadata names it. */
  constructor(issuer: string, jwksUri: string | undefined, fetch: BoundedFetch, clock: Clock) {
    this.#issuer = issuer;
    this.#jwksUri = jwksUri;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /**
   * Keys that are known go on being believed while the issuer is out of reach.
   * @returns the key that a token's header asks for.
   * @throws {errors.JWKSNoMatchingKey} where the issuer has no such key, or {@link ApexError}
   *   `unavailable` where it can't be asked.
   */
  async find(header: JWSHeaderParameters): Promise<Key> {
    const now = this.#clock.now();
    const known = await this.#match(header);
    const isFresh = now - this.#learnedAt < KEYS_LIFETIME_MS;
    if (known && isFresh) return known;
    // Before anything is known, and nothing has failed, others may be asking at this very moment.
    const isFirst = this.#find === null && !this.#isDown;
    if (isFirst || now - this.#askedAt >= COOL_DOWN_MS) await this.#learn(now);
    const key = await this.#match(header);
    if (key) return key;
    if (!this.#isDown) throw new errors.JWKSNoMatchingKey();
    throw new ApexError("unavailable", "The token's issuer does not answer. Please try again.", {
      retryAfter: COOL_DOWN_MS / 1000,
    });
  }

  async #match(header: JWSHeaderParameters): Promise<Key | null> {
    try {
      return (await this.#find?.(header)) ?? null;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  async #learn(now: number): Promise<void> {
    this.#askedAt = now;
    try {
      const { keys } = KeySet.parse(await this.#ask(this.#jwksUri ?? (await this.#discover())));
      this.#find = createLocalJWKSet({ keys: keys.map((key): JWK => key) });
      this.#learnedAt = now;
      this.#isDown = false;
    } catch {
      this.#isDown = true;
    }
  }

  async #discover(): Promise<string> {
    const address = `${this.#issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const { issuer, jwks_uri } = Metadata.parse(await this.#ask(address));
    if (issuer !== this.#issuer) throw new Error("The metadata is another issuer's");
    return jwks_uri;
  }

  async #ask(address: string): Promise<unknown> {
    const answer = await this.#fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The issuer answered ${answer.status}`);
    return await answer.json();
  }
}
