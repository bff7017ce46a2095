/** Access and ID tokens of issuers that the operator trusts, such as Auth0, Okta, Cloudflare Access or Google. */
import { createHash } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { scopesOf } from "../protocol/scopes.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { boundedFetch, type Fetch } from "./oauth/bounded-fetch.ts";
import type { Principal } from "./principal.ts";
import {
  VouchedClaims,
  type VouchedIdentity,
  type VouchedUsers,
  vouchedBy,
} from "./vouched-users.ts";

/** A setting of `TRUSTED_ISSUERS`. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly jwks_uri?: string | undefined;
  readonly algorithms: readonly string[];
  readonly scopes?: readonly string[] | undefined;
  readonly header?: string | undefined;
}

const CLOCK_TOLERANCE_SECONDS = 5;
/** Timeout of a request to an issuer, in milliseconds. Users wait for it, so it is short. */
const DEADLINE_MS = 3_000;
/** In characters; longer tokens are refused before they are parsed. */
const MAX_TOKEN_LENGTH = 16 * 1024;
/** How long a user is remembered before D1 is asked again, in milliseconds. */
const USER_MEMORY_MS = 60_000;
const MAX_REMEMBERED = 1_000;
/**
 * Values of the `typ` header that are accepted (RFC 7519, section 5.1; RFC 9068, section 2.1). Many issuers set
 * none.
 */
const TYPES = [undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"];

const Claims = VouchedClaims.extend({ exp: z.int(), iat: z.int() });

interface Parts {
  readonly issuers: readonly TrustedIssuer[];
  readonly users: VouchedUsers;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** One is made per isolate: it caches the issuers' keys, and users. */
export class ExternalIssuers {
  readonly #issuers: readonly TrustedIssuer[];
  readonly #users: VouchedUsers;
  readonly #clock: Clock;
  readonly #keys: ReadonlyMap<string, IssuerKeys>;
  readonly #remembered = new Map<string, { readonly user: User; readonly until: number }>();

  constructor({ issuers, users, fetch, clock }: Parts) {
    const bounded = boundedFetch(fetch, { deadlineMs: DEADLINE_MS });
    this.#issuers = issuers;
    this.#users = users;
    this.#clock = clock;
    this.#keys = new Map(
      issuers.map(({ issuer, jwks_uri }) => [
        issuer,
        new IssuerKeys(issuer, jwks_uri, bounded, clock),
      ]),
    );
  }

  /** @returns the token that a trusted proxy in front of us has put into its header; null if there is none. */
  tokenOfProxy(headers: Headers): string | null {
    const names = this.#issuers.flatMap(({ header }) => header ?? []);
    return names.map((name) => headers.get(name)).find((token) => token !== null) ?? null;
  }

  /**
   * @returns whether a token names a trusted issuer. The signature is not checked here: the answer says only who
   *   can check it.
   */
  isOfOne(token: string): boolean {
    return this.#issuerOf(token) !== undefined;
  }

  /**
   * @returns the token's user, who is found by issuer and subject, and created if unknown.
   * @throws {ApexError} `token_expired`, `token_invalid`, `email_taken`, or `unavailable` if the issuer's keys
   *   are not cached and the issuer does not answer.
   */
  async verify(token: string): Promise<Principal> {
    const issuer = this.#issuerOf(token);
    if (issuer === undefined) throw invalid();
    const { exp, ...claims } = await this.#claims(token, issuer);
    const identity = identityOf(issuer.issuer, claims);
    const user = await this.#userOf(identity);
    const held = scopesOf(user.role, user.permissions);
    const { scopes: most = held } = issuer;
    return {
      userId: user.id,
      organizationId: user.organization_id,
      role: user.role,
      tier: user.tier,
      scopes: held.filter((scope) => most.includes(scope)),
      voucher: { kind: "issuer", id: voucherId(identity) },
      expiresAt: exp,
    };
  }

  #issuerOf(token: string): TrustedIssuer | undefined {
    if (token.length > MAX_TOKEN_LENGTH) return;
    try {
      const { iss } = decodeJwt(token);
      return this.#issuers.find(({ issuer }) => issuer === iss);
    } catch {
      // It is no JWT at all.
    }
  }

  async #claims(token: string, { issuer, audiences, algorithms }: TrustedIssuer) {
    try {
      if (!TYPES.includes(decodeProtectedHeader(token).typ)) {
        throw new errors.JWTInvalid("The token is of another kind");
      }
      const keys = this.#keys.get(issuer);
      if (!keys) throw new errors.JWKSNoMatchingKey();
      const { payload } = await jwtVerify(token, (header) => keys.find(header), {
        issuer,
        audience: [...audiences],
        algorithms: [...algorithms],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["exp", "iat", "sub"],
        currentDate: new Date(this.#clock.now()),
      });
      const claims = Claims.parse(payload);
      if (claims.iat > this.#clock.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
        throw new errors.JWTInvalid("The token is of the future");
      }
      return claims;
    } catch (error) {
      if (error instanceof ApexError) throw error;
      if (error instanceof errors.JWTExpired) {
        throw new ApexError("token_expired", "The access token has expired. Get a new one.");
      }
      throw invalid(error);
    }
  }

  async #userOf(identity: VouchedIdentity): Promise<User> {
    const key = voucherId(identity);
    const now = this.#clock.now();
    const known = this.#remembered.get(key);
    if (known && known.until > now) return known.user;
    const { user } = await this.#users.userOf(identity);
    this.#remembered.delete(key);
    this.#remembered.set(key, { user, until: now + USER_MEMORY_MS });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest) this.#remembered.delete(oldest);
    return user;
  }
}

function voucherId({ issuer, subject }: VouchedIdentity): string {
  return `${issuer}|${subject}`;
}

/**
 * Machines have no email address, and some issuers do not tell one: such users get an address that receives no
 * mail.
 */
function identityOf(issuer: string, claims: z.output<typeof VouchedClaims>): VouchedIdentity {
  const identity = vouchedBy(issuer, claims);
  const hash = createHash("sha256").update(voucherId(identity)).digest("hex").slice(0, 40);
  return { ...identity, standIn: `${hash}@issuer.invalid` };
}

function invalid(cause?: unknown): ApexError {
  return new ApexError("token_invalid", "The access token is not valid. Sign in again.", { cause });
}
