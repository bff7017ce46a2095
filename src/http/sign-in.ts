/** What every sign-in ends with, by whichever way: a session, its cookies, and a line in the audit log. */
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
 * Answers a wrong password, the same whoever's it is. The audit log of the account hears of it, but
 * later: an answer that waited for that would tell that there is an account.
 */
export function refusePassword(c: RequestContext, userId: UserId | undefined): never {
  if (userId !== undefined) {
    c.executionCtx.waitUntil(audit(c, { userId, action: "sign_in_failed" }));
  }
  throw new ApexError("credentials_invalid", "No account has this email address and password.");
}

/**
 * Signs a user in, whom something vouched for.
 * @param method what did: `password`, `development`, or a provider's name.
 * @returns the body to answer with.
 */
export async function signIn(c: Context<AppEnv>, user: User, method: string): Promise<Credentials> {
  const source = { address: addressOf(c.req.raw), userAgent: userAgentOf(c.req.raw) };
  const signedIn = await sessionServiceOf(c).start(user, method, source);
  const voucher = { kind: "session", id: signedIn.sessionId } as const;
  await audit(c, { userId: user.id, action: "signed_in", voucher, subject: method });
  return giveTokens(c, signedIn);
}

/** @returns the body to answer with; the tokens go along as cookies too. */
export function giveTokens(c: Context<AppEnv>, { sessionId, credentials }: SignedIn): Credentials {
  setSessionCookies(c, credentials, csrfToken(sessionId, authorityOf(c).keys));
  return credentials;
}
