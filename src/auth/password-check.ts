/** The one place where a password is compared with an account's: slower, the more of them were wrong. */
import { createHash } from "node:crypto";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Account, Accounts } from "../store/accounts.ts";
import type { SignInFailures } from "../store/sign-in-failures.ts";
import { verifyPassword } from "./passwords.ts";

/** Attempts for one email address that wait for nothing. */
const FREE_ATTEMPTS = 3;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
/** After so long without an attempt the wrong ones are forgotten. */
const MEMORY_MS = 15 * 60 * 1000;

/** What came of a check; whose the email address is may be known where the password was wrong. */
export type PasswordVerdict =
  | { readonly matches: true; readonly account: Account }
  | { readonly matches: false; readonly account: Account | null };

export class PasswordCheck {
  readonly #accounts: Accounts;
  readonly #failures: SignInFailures;
  readonly #clock: Clock;

  constructor(accounts: Accounts, failures: SignInFailures, clock: Clock) {
    this.#accounts = accounts;
    this.#failures = failures;
    this.#clock = clock;
  }

  /**
   * Guessing is slowed down, and nobody is locked out: whatever others have tried, the right password
   * is let in after {@link LONGEST_DELAY_MS} at most, and clears the count. Takes as long, and counts
   * alike, where there is no such account.
   * @throws {ApexError} `unavailable` where the store does not answer.
   */
  async check(email: string, password: string): Promise<PasswordVerdict> {
    const emailHash = hashEmail(email);
    const now = this.#clock.now();
    // Counted before it is looked at, so that attempts made at once wait as those one by one would.
    const attempt = await this.#failures.count(
      emailHash,
      timestamp(now),
      timestamp(now - MEMORY_MS),
    );
    const delay = delayOf(attempt);
    if (delay > 0) await this.#clock.sleep(delay);
    const account = await this.#accounts.findByEmail(email);
    const matches = await verifyPassword(password, account?.passwordHash ?? null);
    if (!account || !matches) return { matches: false, account };
    await this.#failures.clear(emailHash);
    return { matches, account };
  }
}

/** @returns the key under which wrong passwords for an email address are counted: SHA-256 in hex. */
export function hashEmail(email: string): string {
  return createHash("sha256").update(email).digest("hex");
}

/** @returns how long an attempt waits, in milliseconds: twice as long as the one before. */
function delayOf(attempt: number): number {
  if (attempt <= FREE_ATTEMPTS) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (attempt - FREE_ATTEMPTS - 1), LONGEST_DELAY_MS);
}
