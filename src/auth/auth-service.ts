/** Accounts and their passwords: everything about signing up and in that comes before a session starts. */
import { type Clock, newId, timestamp } from "../core/clock.ts";
import type { ChangePasswordBody } from "../protocol/account.ts";
import type { DevLoginBody, LoginBody, RegisterBody } from "../protocol/api.ts";
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { type SessionId, UserId } from "../protocol/ids.ts";
import type { Accounts } from "../store/accounts.ts";
import type { PasswordCheck, PasswordVerdict } from "./password-check.ts";
import { hashPassword } from "./passwords.ts";
import { type Principal, sessionOf } from "./principal.ts";

/** A user, and whether the account was just made. */
interface KnownUser {
  readonly user: User;
  readonly isNew: boolean;
}

/** The outcome of changing a password, with the sessions that were ended by it. */
type PasswordChange =
  | { readonly outcome: "changed"; readonly ended: readonly SessionId[] }
  | { readonly outcome: "refused" };

/** Every method throws {@link ApexError} `unavailable` if the store does not answer. */
export class AuthService {
  readonly #accounts: Accounts;
  readonly #passwords: PasswordCheck;
  readonly #clock: Clock;

  constructor(accounts: Accounts, passwords: PasswordCheck, clock: Clock) {
    this.#accounts = accounts;
    this.#passwords = passwords;
    this.#clock = clock;
  }

  /** @throws {ApexError} `email_taken` if an account with this email address exists. */
  async register({ email, password, name }: RegisterBody): Promise<KnownUser> {
    const user = this.#newUser({ email, name });
    if (await this.#accounts.create(user, await hashPassword(password))) {
      return { user, isNew: true };
    }
    throw new ApexError("email_taken", "Sign in with this email address, or use another one.");
  }

  /**
   * @returns whether the password is right, and the account. A caller must not tell an unknown address from a
   *   wrong password.
   */
  login({ email, password }: LoginBody): Promise<PasswordVerdict> {
    return this.#passwords.check(email, password);
  }

  /**
   * Signs in without a password, making the account if there is none. The caller checks that the environment
   * allows it.
   */
  async devLogin({ email, ...given }: DevLoginBody): Promise<KnownUser> {
    const candidate = this.#newUser({ email, ...given });
    const user = await this.#accounts.upsertDevelopment(candidate, given);
    return { user, isNew: user.id === candidate.id };
  }

  /**
   * Changes the password, and ends all other sessions of the user.
   * @throws {ApexError} `invalid_fields` if the account has no password; `session_ended` if the account is gone.
   */
  async changePassword(principal: Principal, body: ChangePasswordBody): Promise<PasswordChange> {
    const user = await this.me(principal);
    const { matches, account } = await this.#passwords.check(user.email, body.current_password);
    if (!matches) {
      if (account?.passwordHash === null) throw hasNoPassword();
      return { outcome: "refused" };
    }
    const ended = await this.#accounts.changePassword(
      user.id,
      await hashPassword(body.new_password),
      sessionOf(principal),
      timestamp(this.#clock.now()),
    );
    return { outcome: "changed", ended };
  }

  /** @throws {ApexError} `session_ended` if the account is gone. */
  async me({ userId }: Principal): Promise<User> {
    const user = await this.#accounts.findById(userId);
    if (user) return user;
    throw new ApexError("session_ended", "The account no longer exists.");
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
      created_at: timestamp(this.#clock.now()),
    };
  }
}

function hasNoPassword(): ApexError {
  return new ApexError(
    "invalid_fields",
    "This account has no password: it is signed in to by its provider.",
    {
      errors: [
        { field: "current_password", message: "does not exist for this account", code: "not_set" },
      ],
    },
  );
}
