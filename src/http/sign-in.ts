/** The last step of every way to sign in: a session, its cookies, and an entry in the audit log. */
import type { Context } from "hono";
import { AuthService } from "../auth/auth-service.ts";
import { csrfToken } from "../auth/csrf.ts";
import { PasswordCheck } from "../auth/password-check.ts";
import { SessionService, type SignedIn } from "../auth/session-service.ts";
import { systemClock } from "../core/clock.ts";
import type { Credentials } from "../protocol/api.ts";
import type { User } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UserId } from "../protocol/ids.ts";
import { Accounts } from "../store/accounts.ts";
import { openDatabase } from "../store/database.ts";
import { Sessions } from "../store/sessions.ts";
import { SignInFailures } from "../store/sign-in-failures.ts";
import { audit } from "./audit.ts";
import { authorityOf } from "./authenticate.ts";
import { addressOf, userAgentOf } from "./origin.ts";
import type { AppEnv, RequestContext } from "./router.ts";
import { setSessionCookies } from "./session-cookies.ts";

export function sessionServiceOf(c: RequestContext): SessionService {
  const database = openDatabase(c.env.DB);
  return new SessionService(new Accounts(database), new Sessions(database), authorityOf(c));
}

export function authServiceOf(c: RequestContext): AuthService {
  const database = openDatabase(c.env.DB);
  const accounts = new Accounts(database);
  const passwords = new PasswordCheck(accounts, new SignInFailures(database), systemClock);
  return new AuthService(accounts, passwords, systemClock);
}

/**
 * Refuses a wrong password, with the same answer whether the account exists or not. The audit log is written
 * later, because waiting for it would reveal that there is an account.
 */
export function refusePassword(c: RequestContext, userId: UserId | undefined): never {
  if (userId !== undefined) {
    c.executionCtx.waitUntil(audit(c, { userId, action: "sign_in_failed" }));
  }
  throw new ApexError("credentials_invalid", "No account has this email address and password.");
}

/**
 * Signs in a user who has been authenticated.
 * @param method how: `password`, `development`, or a provider's name.
 * @returns the body of the answer.
 */
export async function signIn(c: Context<AppEnv>, user: User, method: string): Promise<Credentials> {
  const source = { address: addressOf(c.req.raw), userAgent: userAgentOf(c.req.raw) };
  const signedIn = await sessionServiceOf(c).start(user, method, source);
  const voucher = { kind: "session", id: signedIn.sessionId } as const;
  await audit(c, { userId: user.id, action: "signed_in", voucher, subject: method });
  return giveTokens(c, signedIn);
}

/**
 * Sets the cookies.
 * @returns the body of the answer.
 */
export function giveTokens(c: Context<AppEnv>, { sessionId, credentials }: SignedIn): Credentials {
  setSessionCookies(c, credentials, csrfToken(sessionId, authorityOf(c).keys));
  return credentials;
}
