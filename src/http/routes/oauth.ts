/** The routes for signing in with an identity provider: the list of providers, start and callback. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import * as z from "zod";
import { OAuthSignIn } from "../../auth/oauth/oauth-sign-in.ts";
import { reasonOf } from "../../auth/oauth/provider.ts";
import { ReturnPath, SIGN_IN_ATTEMPT } from "../../auth/oauth/sign-in-attempt.ts";
import { VouchedUsers } from "../../auth/vouched-users.ts";
import { IdentityProviders } from "../../protocol/account.ts";
import { ApexError } from "../../protocol/errors.ts";
import { openDatabase } from "../../store/database.ts";
import { Identities } from "../../store/identities.ts";
import { SpentTokens } from "../../store/spent-tokens.ts";
import { consoleLog } from "../../telemetry/log.ts";
import { audit } from "../audit.ts";
import { authorityOf } from "../authenticate.ts";
import { ANYBODY, defineRoute } from "../define-route.ts";
import { callbackUrl, providerOf, providersOf, startPath } from "../identity-providers.ts";
import { jsonAnswer } from "../json.ts";
import { answerProblem, problems } from "../problems.ts";
import { limitAnonymous, limitSignIns } from "../rate-limits.ts";
import { type AppEnv, createRouter } from "../router.ts";
import { signIn } from "../sign-in.ts";

/** The cookie that keeps the attempt in the browser that began it. */
const COOKIE = "__Host-apex-sign-in";
/** `Lax`, because the browser returns from another site. */
const COOKIE_OPTIONS = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

const tags = ["Authentication"];
const params = z.object({ provider: z.string().max(64) });
const redirected = {
  302: { description: "On the way; a failure goes to `/?sign_in_error=<code>`" },
};

const list = defineRoute({
  method: "get",
  path: "/api/auth/oauth",
  tags,
  ...ANYBODY,
  summary: "The identity providers to sign in with",
  middleware: limitAnonymous,
  responses: { 200: jsonAnswer(IdentityProviders, "The providers of this deployment") },
});

const start = defineRoute({
  method: "get",
  path: "/api/auth/oauth/{provider}/start",
  tags,
  ...ANYBODY,
  summary: "Send the browser to an identity provider",
  middleware: limitSignIns,
  request: { params, query: z.object({ return_to: ReturnPath.default("/") }) },
  responses: { ...redirected, ...problems("not_found", "invalid_fields", "provider_unavailable") },
});

const callback = defineRoute({
  method: "get",
  path: "/api/auth/oauth/{provider}/callback",
  tags,
  ...ANYBODY,
  summary: "Where an identity provider sends the browser back to",
  description: "Takes `code`, `state` and `iss`, or `error` and `state`, as RFC 6749 and 9207 say.",
  middleware: limitSignIns,
  request: { params },
  responses: {
    ...redirected,
    ...problems("sign_in_failed", "not_found", "email_taken", "provider_unavailable"),
  },
});

/** @returns the routes below /api/auth/oauth. */
export function oauthRoutes() {
  const router = createRouter();
  router.openapi(list, (c) => {
    const data = providersOf(c).map(({ name, title }) => ({
      name,
      title,
      start_url: startPath(name),
    }));
    return c.json({ data }, 200);
  });
  router.openapi(start, async (c) => {
    const provider = providerOf(c, c.req.valid("param").provider);
    try {
      const { url, attempt } = await signInOf(c).start(provider, {
        returnTo: c.req.valid("query").return_to,
        redirectUri: callbackUrl(c, provider.name),
      });
      const maxAge = SIGN_IN_ATTEMPT.lifetimeSeconds;
      setCookie(c, COOKIE, attempt, { ...COOKIE_OPTIONS, maxAge });
      return c.redirect(url.href, 302);
    } catch (error) {
      return refuse(c, provider.name, error);
    }
  });
  router.openapi(callback, async (c) => {
    const provider = providerOf(c, c.req.valid("param").provider);
    const attempt = getCookie(c, COOKIE);
    deleteCookie(c, COOKIE, COOKIE_OPTIONS);
    try {
      const { user, isNew, returnTo } = await signInOf(c).finish(provider, {
        attempt,
        answer: new URL(c.req.url).searchParams,
        redirectUri: callbackUrl(c, provider.name),
      });
      const { id: userId } = user;
      if (isNew) await audit(c, { userId, action: "account_created", subject: provider.name });
      await signIn(c, user, provider.name);
      return c.redirect(returnTo, 302);
    } catch (error) {
      return refuse(c, provider.name, error);
    }
  });
  return router;
}

/** A browser is redirected to the page, which shows the error; a program gets problem details. */
function refuse(c: Context<AppEnv>, provider: string, error: unknown): Response {
  const failure = ApexError.from(error);
  const { code } = failure;
  const fields = { provider, code, reason: reasonOf(failure) };
  if (code === "internal") consoleLog.error("sign_in_failed", failure.cause, fields);
  else consoleLog.warn("sign_in_failed", fields);
  if (!c.req.header("accept")?.includes("text/html")) return answerProblem(c, failure);
  return c.redirect(`/?sign_in_error=${code}`, 302);
}

function signInOf(c: Context<AppEnv>): OAuthSignIn {
  const database = openDatabase(c.env.DB);
  const authority = authorityOf(c);
  return new OAuthSignIn({
    users: new VouchedUsers(new Identities(database), authority.clock),
    spentTokens: new SpentTokens(database),
    authority,
  });
}
