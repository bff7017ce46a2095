/** Signing up, in and out: what the auth routes do, over the accounts and sessions of the store. */
import { newId, timestamp } from "../core/clock.ts";
import type { Credentials, DevLoginBody, LoginBody, RegisterBody } from "../protocol/api.ts";
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { SessionId, UserId } from "../protocol/ids.ts";
import type { Accounts } from "../store/accounts.ts";
import type { Sessions } from "../store/sessions.ts";
import { ACCESS_TOKEN, issueAccessToken } from "./access-tokens.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import type { Principal } from "./principal.ts";
import { hashRefreshToken, newRefreshToken, SESSION_LIFETIME_MS } from "./refresh-tokens.ts";
import type { TokenAuthority } from "./signed-tokens.ts";

/** Every method throws {@link ApexError} `unavailable` where the store does not answer. */
export class AuthService {
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #authority: TokenAuthority;

  constructor(accounts: Accounts, sessions: Sessions, authority: TokenAuthority) {
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#authority = authority;
  }

  /** @throws {ApexError} `email_taken`. */
  async register({ email, password, name }: RegisterBody): Promise<Credentials> {
    const user = this.#newUser({ email, name });
    if (await this.#accounts.create(user, await hashPassword(password))) {
      return this.#startSession(user);
    }
    throw new ApexError("email_taken", "Sign in with this email address, or use another one.");
  }

  /** @throws {ApexError} `credentials_invalid`, the same whether the email or the password is wrong. */
  async login({ email, password }: LoginBody): Promise<Credentials> {
    const account = await this.#accounts.findByEmail(email);
    const matches = await verifyPassword(password, account?.passwordHash ?? null);
    if (account && matches) return this.#startSession(account.user);
    throw new ApexError("credentials_invalid", "No account has this email address and password.");
  }

  /** Signs in without a password. Whether the environment allows that is for the caller to know. */
  async devLogin({ email, ...given }: DevLoginBody): Promise<Credentials> {
    const candidate = this.#newUser({ email, ...given });
    return this.#startSession(await this.#accounts.upsertDevelopment(candidate, given));
  }

  /**
   * Signs in a user whom an identity provider vouched for.
   * @param method the provider's name.
   */
  signInVouched(user: User, method: string): Promise<Credentials> {
    return this.#startSession(user, method);
  }

  /**
   * Spends a refresh token: the answer holds the next one, and the account's present permissions.
   * @throws {ApexError} `token_invalid`, `token_expired`, or `session_ended` after log-out or reuse.
   */
  async refresh(token: string): Promise<Credentials> {
    const next = newRefreshToken();
    const rotation = await this.#sessions.rotate({
      tokenHash: hashRefreshToken(token),
      nextHash: hashRefreshToken(next),
      now: this.#now(),
    });
    switch (rotation.outcome) {
      case "rotated":
        return this.#credentials(await this.#user(rotation.userId), rotation.sessionId, next);
      case "unknown":
        throw new ApexError("token_invalid", "The refresh token is not valid. Sign in again.");
      case "expired":
        throw new ApexError("token_expired", "The refresh token has expired. Sign in again.");
      case "ended":
        throw new ApexError("session_ended", "You signed out of this session. Sign in again.");
      case "reused":
        throw new ApexError(
          "session_ended",
          "The refresh token was used before, so its session has ended. Sign in again.",
        );
    }
  }

  /** Ends a session by its refresh token; an unknown one ends nothing (RFC 7009, section 2.2). */
  async logoutByToken(token: string): Promise<void> {
    await this.#sessions.endByToken(hashRefreshToken(token), this.#now());
  }

  /** Ends the principal's session: nothing refreshes it any more, issued access tokens run out. */
  async logout({ voucher }: Principal): Promise<void> {
    await this.#sessions.end(SessionId.parse(voucher.id), this.#now());
  }

  /** @throws {ApexError} `session_ended` where the account is gone. */
  me({ userId }: Principal): Promise<User> {
    return this.#user(userId);
  }

  async #startSession(user: User, method?: string): Promise<Credentials> {
    const id = SessionId.parse(newId());
    const refreshToken = newRefreshToken();
    await this.#sessions.start({
      id,
      userId: user.id,
      ...(method !== undefined && { method }),
      tokenHash: hashRefreshToken(refreshToken),
      now: this.#now(),
      expiresAt: timestamp(this.#authority.clock.now() + SESSION_LIFETIME_MS),
    });
    return this.#credentials(user, id, refreshToken);
  }

  async #credentials(user: User, sessionId: SessionId, refreshToken: string): Promise<Credentials> {
    return {
      user,
      access_token: await issueAccessToken(user, sessionId, this.#authority),
      refresh_token: refreshToken,
      token_type: "Bearer",
      expires_in: ACCESS_TOKEN.lifetimeSeconds,
    };
  }

  #newUser({ email, name, tier, permissions }: DevLoginBody): User {
    return {
      id: UserId.parse(newId()),
      email,
      name: name ?? email.replace(/@.*/, ""),
      tier: tier ?? "free",
      permissions: permissions ?? [],
      organization_id: null,
      role: "member",
      created_at: this.#now(),
    };
  }

  async #user(id: UserId): Promise<User> {
    const user = await this.#accounts.findById(id);
    if (user) return user;
    throw new ApexError("session_ended", "The account no longer exists.");
  }

  #now(): string {
    return timestamp(this.#authority.clock.now());
  }
}
