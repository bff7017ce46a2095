/** The one place where a password is checked. Every wrong one makes the next check for that address slower. */
import { createHash } from "node:crypto";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Account, Accounts } from "../store/accounts.ts";
import type { SignInFailures } from "../store/sign-in-failures.ts";
import { verifyPassword } from "./passwords.ts";

/** The attempts for one email address that are not delayed. */
const FREE_ATTEMPTS = 3;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
/** Wrong attempts are forgotten after this long without another, in milliseconds. */
const MEMORY_MS = 15 * 60 * 1000;

/** The result of a check. The account may be known even if the password was wrong. */
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
   * Slows guessing down but locks nobody out: however often others have tried, the right password is accepted
   * after {@link LONGEST_DELAY_MS} at most, and resets the count. An unknown address takes as long and is counted
   * alike, so that it cannot be told apart.
   * @throws {ApexError} `unavailable` if the store does not answer.
   */
  async check(email: string, password: string): Promise<PasswordVerdict> {
    const emailHash = hashEmail(email);
    const now = this.#clock.now();
    // Counted before the check, so that parallel attempts are delayed like consecutive ones.
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

/** @returns the key under which wrong passwords for an email address are counted: its SHA-256 in hex. */
export function hashEmail(email: string): string {
  return createHash("sha256").update(email).digest("hex");
}

/** @returns the delay of an attempt in milliseconds: twice that of the one before. */
function delayOf(attempt: number): number {
  if (attempt <= FREE_ATTEMPTS) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (attempt - FREE_ATTEMPTS - 1), LONGEST_DELAY_MS);
}
