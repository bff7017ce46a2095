/** Sessions, from sign-in to sign-out, whichever way the user signed in. */
import { newId, timestamp } from "../core/clock.ts";
import type { Credentials } from "../protocol/api.ts";
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { SessionId } from "../protocol/ids.ts";
import type { Accounts } from "../store/accounts.ts";
import type { OwnedSession, Reuse, Sessions } from "../store/sessions.ts";
import { ACCESS_TOKEN, issueAccessToken } from "./access-tokens.ts";
import { newRefreshToken, SESSION_LIFETIME_MS } from "./refresh-tokens.ts";
import { hashSecret } from "./secret-hash.ts";
import type { TokenAuthority } from "./signed-tokens.ts";

/** Where a sign-in came from, so that the user can recognise it in the list of sessions. */
interface SignInSource {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** A session, and the tokens to use it with. */
export interface SignedIn {
  readonly sessionId: SessionId;
  readonly credentials: Credentials;
}

/**
 * The result of using a refresh token. If one was `reused`, its session has been ended (RFC 9700, section
 * 4.14.2).
 */
export type Refresh = ({ readonly outcome: "refreshed" } & SignedIn) | Reuse;

/** Every method throws {@link ApexError} `unavailable` if the store does not answer. */
export class SessionService {
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #authority: TokenAuthority;

  constructor(accounts: Accounts, sessions: Sessions, authority: TokenAuthority) {
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#authority = authority;
  }

  /** @param method how the user was authenticated: `password`, `development`, or a provider's name. */
  async start(user: User, method: string, source: SignInSource): Promise<SignedIn> {
    const id = SessionId.parse(newId());
    const refreshToken = newRefreshToken();
    await this.#sessions.start({
      id,
      userId: user.id,
      method,
      ...source,
      tokenHash: hashSecret(refreshToken),
      now: this.#moment(),
      expiresAt: this.#moment(SESSION_LIFETIME_MS),
    });
    return this.#signedIn(user, id, refreshToken);
  }

  /**
   * Exchanges a refresh token for the next one and an access token with the account's current permissions.
   * @param next the next refresh token, if the client chose it. A repeated call with the same pair counts as the
   *   same refresh, so a client may retry.
   * @throws {ApexError} `token_invalid`, `token_expired`, `session_ended`, or `invalid_fields` if the next one is
   *   a token already.
   */
  async refresh(token: string, next = newRefreshToken()): Promise<Refresh> {
    const rotation = await this.#sessions.rotate({
      tokenHash: hashSecret(token),
      nextHash: hashSecret(next),
      now: this.#moment(),
    });
    switch (rotation.outcome) {
      case "rotated": {
        const user = await this.#accounts.findById(rotation.userId);
        if (!user) throw new ApexError("session_ended", "The account no longer exists.");
        const signedIn = await this.#signedIn(user, rotation.sessionId, next);
        return { outcome: "refreshed", ...signedIn };
      }
      case "reused":
        return rotation;
      case "unknown":
        throw new ApexError("token_invalid", "The refresh token is not valid. Sign in again.");
      case "expired":
        throw new ApexError("token_expired", "The refresh token has expired. Sign in again.");
      case "ended":
        throw new ApexError("session_ended", "This session has ended. Sign in again.");
      case "taken":
        throw new ApexError("invalid_fields", "The next refresh token is a token already.", {
          errors: [{ field: "next_refresh_token", message: "is a token already" }],
        });
    }
  }

  /** @returns the session of a refresh token, used or not; null for an unknown one. */
  find(token: string): Promise<OwnedSession | null> {
    return this.#sessions.ownerOf(hashSecret(token));
  }

  async #signedIn(user: User, sessionId: SessionId, refreshToken: string): Promise<SignedIn> {
    const credentials: Credentials = {
      user,
      access_token: await issueAccessToken(user, sessionId, this.#authority),
      refresh_token: refreshToken,
      token_type: "Bearer",
      expires_in: ACCESS_TOKEN.lifetimeSeconds,
    };
    return { sessionId, credentials };
  }

  #moment(offset = 0): string {
    return timestamp(this.#authority.clock.now() + offset);
  }
}
