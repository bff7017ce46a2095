/** The routes under /api/auth: signing up, in and out, and who is signed in. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { assertCsrf } from "../../auth/csrf.ts";
import { type Principal, sessionOf } from "../../auth/principal.ts";
import { systemClock, timestamp } from "../../core/clock.ts";
import {
  Credentials,
  DevLoginBody,
  LoginBody,
  LogoutBody,
  RefreshBody,
  RegisterBody,
} from "../../protocol/api.ts";
import { User } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { openDatabase } from "../../store/database.ts";
import type { OwnedSession, Reuse } from "../../store/sessions.ts";
import { UserSessions } from "../../store/user-sessions.ts";
import { audit } from "../audit.ts";
import { authorityOf, partsOf, principalOf } from "../authenticate.ts";
import { ANYBODY, defineRoute, requires } from "../define-route.ts";
import { endVouchers } from "../end-vouchers.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { limitSignIns } from "../rate-limits.ts";
import { type AppEnv, createRouter } from "../router.ts";
import { clearSessionCookies } from "../session-cookies.ts";
import { authServiceOf, giveTokens, refusePassword, sessionServiceOf, signIn } from "../sign-in.ts";

const tags = ["Authentication"];

const register = defineRoute({
  method: "post",
  path: "/api/auth/register",
  tags,
  ...ANYBODY,
  summary: "Make an account and sign in",
  middleware: limitSignIns,
  request: { body: jsonBody(RegisterBody) },
  responses: {
    201: jsonAnswer(Credentials, "The account exists, and is signed in"),
    ...problems("email_taken", "malformed_body", "unsupported_media_type", "invalid_fields"),
  },
});

const login = defineRoute({
  method: "post",
  path: "/api/auth/login",
  tags,
  ...ANYBODY,
  summary: "Sign in",
  middleware: limitSignIns,
  request: { body: jsonBody(LoginBody) },
  responses: {
    200: jsonAnswer(Credentials, "Signed in"),
    ...problems(
      "credentials_invalid",
      "malformed_body",
      "unsupported_media_type",
      "invalid_fields",
    ),
  },
});

const devLogin = defineRoute({
  method: "post",
  path: "/api/auth/dev-login",
  tags,
  ...ANYBODY,
  summary: "Sign in without a password, in development only",
  description: "Makes the account where it is new. Outside development there is no such route.",
  middleware: limitSignIns,
  request: { body: jsonBody(DevLoginBody) },
  responses: {
    200: jsonAnswer(Credentials, "Signed in"),
    ...problems("not_found", "malformed_body", "unsupported_media_type", "invalid_fields"),
  },
});

const refresh = defineRoute({
  method: "post",
  path: "/api/auth/refresh",
  tags,
  ...ANYBODY,
  summary: "Trade a refresh token for new tokens",
  description:
    "The refresh token of the body, or else of the cookie, beside which `X-CSRF-Token` must stand. A refresh token works once: using one again, at whatever time, ends its session for everybody. A client that names the next one beforehand may send the same request again where the answer is lost.",
  middleware: limitSignIns,
  request: { body: { ...jsonBody(RefreshBody), required: false } },
  responses: {
    200: jsonAnswer(Credentials, "The tokens to use from now on"),
    ...problems(
      "unauthenticated",
      "token_invalid",
      "token_expired",
      "session_ended",
      "csrf_invalid",
      "malformed_body",
      "unsupported_media_type",
      "invalid_fields",
    ),
  },
});

const logout = defineRoute({
  method: "post",
  path: "/api/auth/logout",
  tags,
  ...ANYBODY,
  summary: "End a session",
  description:
    "Ends the session of the refresh token given, or else of the bearer, or else of the cookies, beside which `X-CSRF-Token` must stand; its sockets close, and the cookies are cleared.",
  request: { body: { ...jsonBody(LogoutBody), required: false } },
  responses: {
    204: { description: "The session has ended" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "csrf_invalid"),
    ...problems("malformed_body", "unsupported_media_type", "invalid_fields"),
  },
});

const me = defineRoute({
  method: "get",
  path: "/api/auth/me",
  tags,
  ...requires("account:read"),
  summary: "Who the bearer is",
  responses: {
    200: jsonAnswer(User, "The user"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
  },
});

/** @returns the routes below /api/auth. */
export function authRoutes() {
  const router = createRouter();
  router.use(devLogin.path, developmentOnly);
  router.openapi(register, async (c) => {
    const { user } = await authServiceOf(c).register(c.req.valid("json"));
    await audit(c, { userId: user.id, action: "account_created" });
    return c.json(await signIn(c, user, "password"), 201);
  });
  router.openapi(login, async (c) => {
    const { matches, account } = await authServiceOf(c).login(c.req.valid("json"));
    if (!matches) return refusePassword(c, account?.user.id);
    return c.json(await signIn(c, account.user, "password"), 200);
  });
  router.openapi(devLogin, async (c) => {
    const { user, isNew } = await authServiceOf(c).devLogin(c.req.valid("json"));
    if (isNew) await audit(c, { userId: user.id, action: "account_created" });
    return c.json(await signIn(c, user, "development"), 200);
  });
  router.openapi(refresh, async (c) => {
    const { refresh_token, next_refresh_token: next } = c.req.valid("json");
    const token = refresh_token ?? (await tokenOfCookie(c));
    if (token === undefined) {
      throw new ApexError(
        "unauthenticated",
        "Send a refresh token: as refresh_token, or as cookie.",
      );
    }
    const refreshed = await sessionServiceOf(c).refresh(token, next);
    if (refreshed.outcome === "reused") return await refuseReuse(c, refreshed);
    return c.json(giveTokens(c, refreshed), 200);
  });
  router.openapi(logout, async (c) => {
    const { headers } = c.req.raw;
    const given = c.req.valid("json").refresh_token;
    const token = given ?? (headers.has("authorization") ? undefined : await tokenOfCookie(c));
    if (token === undefined) await signOut(c, ownedBy(await principalOf(c)));
    else await signOut(c, await sessionServiceOf(c).find(token));
    clearSessionCookies(c);
    return c.body(null, 204);
  });
  router.openapi(me, async (c) => c.json(await authServiceOf(c).me(c.var.principal), 200));
  return router;
}

/**
 * @returns the refresh token in the request's cookie; undefined if there is none.
 * @throws {ApexError} `csrf_invalid` if nothing shows that the request comes from a page of ours.
 */
async function tokenOfCookie(c: Context<AppEnv>): Promise<string | undefined> {
  const parts = partsOf(c);
  const { refresh: token } = parts.cookies;
  if (token === undefined) return undefined;
  const session = await sessionServiceOf(c).find(token);
  if (session !== null) assertCsrf(parts, session.sessionId, authorityOf(c).keys);
  return token;
}

async function signOut(c: Context<AppEnv>, session: OwnedSession | null): Promise<void> {
  if (session === null) return;
  const { userId, sessionId } = session;
  const sessions = new UserSessions(openDatabase(c.env.DB), userId);
  if (!(await sessions.end(sessionId, timestamp(systemClock.now())))) return;
  const voucher = { kind: "session", id: sessionId } as const;
  await audit(c, { userId, action: "signed_out", voucher });
  await endVouchers(c.env, userId, [sessionId]);
}

/** @throws {ApexError} `forbidden` if the caller uses an API key or an external token, not a session. */
function ownedBy(principal: Principal): OwnedSession {
  const sessionId = sessionOf(principal);
  if (sessionId !== null) return { userId: principal.userId, sessionId };
  throw new ApexError("forbidden", "This credential is no session. Revoke it where it was made.");
}

/**
 * The audit log gets one entry, but the session's sockets are closed every time, because the last attempt may
 * have failed.
 * @throws {ApexError} `session_ended`, after the sockets were closed.
 */
async function refuseReuse(
  c: Context<AppEnv>,
  { userId, sessionId, hasEnded }: Reuse,
): Promise<never> {
  if (hasEnded) await audit(c, { userId, action: "refresh_token_reused", subject: sessionId });
  await endVouchers(c.env, userId, [sessionId]);
  throw new ApexError(
    "session_ended",
    "The refresh token was used before, so its session has ended. Sign in again.",
  );
}

/** In other environments the route does not exist: every method and body gets a 404. */
const developmentOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (c.var.config.environment !== "development") throw notFound();
  await next();
});
