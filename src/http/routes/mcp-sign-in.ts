/** The routes for signing in to connected MCP servers with OAuth: start, callback and end. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import * as z from "zod";
import { MCP_SIGN_IN_ATTEMPT, type McpSignInAttempt } from "../../auth/mcp-sign-in-attempt.ts";
import { signToken, verifyToken } from "../../auth/signed-tokens.ts";
import { McpFailure } from "../../mcp/failure.ts";
import { clientMetadata, type OwnAddresses } from "../../mcp/sign-in/registration.ts";
import { ApexError } from "../../protocol/errors.ts";
import { McpServerId } from "../../protocol/ids.ts";
import {
  McpServerHealth,
  McpSignInStarted,
  SignInToMcpServerBody,
} from "../../protocol/mcp-servers.ts";
import { consoleLog } from "../../telemetry/log.ts";
import { connectedServersOf } from "../../thread/connected-servers.ts";
import { mcpSignInsOf } from "../../thread/mcp-sign-ins.ts";
import { audit } from "../audit.ts";
import { authorityOf } from "../authenticate.ts";
import { ANYBODY, defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { knownServer, tellServer } from "../mcp-health.ts";
import { answerProblem, problems } from "../problems.ts";
import { limitAnonymous, limitSignIns } from "../rate-limits.ts";
import { type AppEnv, createRouter, type RequestContext } from "../router.ts";

/** The cookie that keeps the attempt in the browser that began it. */
const COOKIE = "__Host-apex-mcp-sign-in";
/** `Lax`, because the browser returns from another site. */
const COOKIE_OPTIONS = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;
/** The page where users manage their servers. */
const PAGE = "/settings/servers";
const CALLBACK = "/api/mcp/sign-in/callback";
const CLIENT = "/api/mcp/sign-in/client";

const tags = ["MCP servers"];
const params = z.object({ id: McpServerId });
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const start = defineRoute({
  method: "post",
  path: "/api/mcp/servers/{id}/sign-in",
  tags,
  ...requires("mcp:write"),
  summary: "Begin to sign in to a connected MCP server by OAuth",
  description:
    "Finds out where one signs in (RFC 9728, RFC 8414), and answers where the browser that asks has to go. A client comes about by itself where the sign-in server allows that: by a metadata document, or by registration (RFC 7591). Where it does not, the answer says so of `client_id`, with the redirect address to register by hand. The answer sets the cookie by which the way back is bound to this browser.",
  request: { params, body: jsonBody(SignInToMcpServerBody) },
  responses: {
    200: jsonAnswer(McpSignInStarted, "Where the browser goes"),
    ...REFUSED,
    ...problems("malformed_body", "unsupported_media_type", "invalid_fields"),
    ...problems("not_found", "provider_unavailable", "unavailable"),
  },
});

const end = defineRoute({
  method: "delete",
  path: "/api/mcp/servers/{id}/sign-in",
  tags,
  ...requires("mcp:write"),
  summary: "Sign out of a connected MCP server",
  description:
    "Its tokens are forgotten, and revoked where the sign-in server offers that (RFC 7009).",
  request: { params },
  responses: {
    200: jsonAnswer(McpServerHealth, "The server as it is now, asked anew"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const callback = defineRoute({
  method: "get",
  path: CALLBACK,
  tags,
  ...ANYBODY,
  summary: "Where a sign-in server sends the browser back to",
  description: "Takes `code`, `state` and `iss`, or `error` and `state`, as RFC 6749 and 9207 say.",
  middleware: limitSignIns,
  responses: {
    302: { description: `On to ${PAGE}; a failure has \`?sign_in_error=<code>\`` },
    ...problems("sign_in_failed", "provider_unavailable", "unavailable"),
  },
});

const ClientDocument = z.object({
  client_id: z.string().describe("The address of this document"),
  client_name: z.string(),
  application_type: z.string(),
  redirect_uris: z.array(z.string()),
  grant_types: z.array(z.string()),
  response_types: z.array(z.string()),
  token_endpoint_auth_method: z.string(),
});

const client = defineRoute({
  method: "get",
  path: CLIENT,
  tags,
  ...ANYBODY,
  summary: "What we are to sign-in servers of MCP servers",
  description: "An OAuth client ID metadata document: its address is the client id.",
  middleware: limitAnonymous,
  responses: { 200: jsonAnswer(ClientDocument, "The document") },
});

/** @returns the routes of signing in to connected servers. */
export function mcpSignInRoutes() {
  const router = createRouter();
  router.openapi(start, async (c) => {
    const { userId } = c.var.principal;
    const { client_id, client_secret } = c.req.valid("json");
    const { id, url: address, has_secret } = await knownServer(c, c.req.valid("param").id);
    if (has_secret) throw secretStands();
    const given = client_id === null ? null : { client_id, client_secret };
    const own = ownAddresses(c);
    const { url, state } = await mcpSignInsOf(c.env)
      .start(userId, { id, url: address }, given, own)
      .catch(told);
    const claims = { user_id: userId, server_id: id, state };
    const attempt = await signToken(MCP_SIGN_IN_ATTEMPT, claims, authorityOf(c));
    const maxAge = MCP_SIGN_IN_ATTEMPT.lifetimeSeconds;
    setCookie(c, COOKIE, attempt, { ...COOKIE_OPTIONS, maxAge });
    return c.json({ authorization_url: url.href }, 200);
  });
  router.openapi(end, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { id } = await knownServer(c, c.req.valid("param").id);
    const revoke = await mcpSignInsOf(c.env).forget(userId, id);
    c.executionCtx.waitUntil(revoke());
    await audit(c, { userId, voucher, action: "mcp_server_signed_out", subject: id });
    await connectedServersOf(c.env).check(userId, id, c.req.raw.signal);
    return c.json(await tellServer(c, id), 200);
  });
  router.openapi(callback, async (c) => {
    const token = getCookie(c, COOKIE);
    deleteCookie(c, COOKIE, COOKIE_OPTIONS);
    try {
      const answer = new URL(c.req.url).searchParams;
      const { user_id: userId, server_id: id, state } = await readAttempt(c, token, answer);
      await mcpSignInsOf(c.env).finish(userId, id, state, answer).catch(refused);
      await audit(c, { userId, action: "mcp_server_signed_in", subject: id });
      await connectedServersOf(c.env).check(userId, id, c.req.raw.signal);
      return c.redirect(PAGE, 302);
    } catch (error) {
      return refuse(c, ApexError.from(error));
    }
  });
  router.openapi(client, (c) => {
    const { redirectUri, clientDocument } = ownAddresses(c);
    return c.json({ client_id: clientDocument, ...clientMetadata(redirectUri) }, 200);
  });
  return router;
}

/** @returns the attempt that this browser began, which the callback must belong to. */
async function readAttempt(
  c: RequestContext,
  token: string | undefined,
  answer: URLSearchParams,
): Promise<McpSignInAttempt> {
  const authority = authorityOf(c);
  const attempt = await verifyToken(MCP_SIGN_IN_ATTEMPT, token ?? "", authority).catch(() => null);
  const [state, ...others] = answer.getAll("state");
  if (attempt !== null && attempt.state === state && others.length === 0) return attempt;
  throw new ApexError(
    "sign_in_failed",
    "This browser has begun no such sign-in, or over ten minutes ago. Please start again.",
  );
}

/** A browser is redirected to the page, which shows the error; a program gets problem details. */
function refuse(c: Context<AppEnv>, failure: ApexError): Response {
  const { code } = failure;
  if (code === "internal") consoleLog.error("mcp.sign_in_failed", failure.cause, { code });
  else consoleLog.warn("mcp.sign_in_failed", { code });
  if (!c.req.header("accept")?.includes("text/html")) return answerProblem(c, failure);
  return c.redirect(`${PAGE}?sign_in_error=${code}`, 302);
}

function secretStands(): ApexError {
  const message = "The server has a bearer token; take that away to sign in by OAuth";
  return new ApexError("invalid_fields", `${message}.`, { errors: [{ field: "secret", message }] });
}

/** For failures before the redirect: all are the authorization server's. */
function told(error: unknown): never {
  if (!(error instanceof McpFailure)) throw error;
  throw new ApexError("provider_unavailable", error.message, { cause: error });
}

/** For failures after the callback: a refusal by a working server will not change by trying again. */
function refused(error: unknown): never {
  if (!(error instanceof McpFailure)) throw error;
  const code = error.alive ? "sign_in_failed" : "provider_unavailable";
  throw new ApexError(code, error.message, { cause: error });
}

function ownAddresses(c: RequestContext): OwnAddresses {
  const { origin } = new URL(c.req.raw.url);
  return { redirectUri: `${origin}${CALLBACK}`, clientDocument: `${origin}${CLIENT}` };
}
