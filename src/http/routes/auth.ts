/** The auth routes: signing up, in and out, and who one is. */
import { createMiddleware } from "hono/factory";
import { AuthService } from "../../auth/auth-service.ts";
import {
  Credentials,
  DevLoginBody,
  LoginBody,
  RefreshBody,
  RegisterBody,
} from "../../protocol/api.ts";
import { User } from "../../protocol/entities.ts";
import { Accounts } from "../../store/accounts.ts";
import { openDatabase } from "../../store/database.ts";
import { Sessions } from "../../store/sessions.ts";
import { authorityOf, principalOf } from "../authenticate.ts";
import { ANYBODY, defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { limitSignIns } from "../rate-limits.ts";
import { type AppEnv, createRouter, type RequestContext } from "../router.ts";

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
  description: "A refresh token works once. Using one again ends its session for everybody.",
  middleware: limitSignIns,
  request: { body: jsonBody(RefreshBody) },
  responses: {
    200: jsonAnswer(Credentials, "The tokens to use from now on"),
    ...problems("token_invalid", "token_expired", "session_ended", "malformed_body"),
    ...problems("unsupported_media_type", "invalid_fields"),
  },
});

const logout = defineRoute({
  method: "post",
  path: "/api/auth/logout",
  tags,
  ...ANYBODY,
  summary: "End a session",
  description:
    "Ends the session of the refresh token given, or else of the bearer. Access tokens that were issued run out by themselves, within 15 minutes.",
  request: { body: { ...jsonBody(RefreshBody.partial()), required: false } },
  responses: {
    204: { description: "The session has ended" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("unsupported_media_type", "invalid_fields"),
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
  router.openapi(register, async (c) =>
    c.json(await serviceOf(c).register(c.req.valid("json")), 201),
  );
  router.openapi(login, async (c) => c.json(await serviceOf(c).login(c.req.valid("json")), 200));
  router.openapi(devLogin, async (c) =>
    c.json(await serviceOf(c).devLogin(c.req.valid("json")), 200),
  );
  router.openapi(refresh, async (c) =>
    c.json(await serviceOf(c).refresh(c.req.valid("json").refresh_token), 200),
  );
  router.openapi(logout, async (c) => {
    const { refresh_token } = c.req.valid("json");
    if (refresh_token === undefined) await serviceOf(c).logout(await principalOf(c));
    else await serviceOf(c).logoutByToken(refresh_token);
    return c.body(null, 204);
  });
  router.openapi(me, async (c) => c.json(await serviceOf(c).me(c.var.principal), 200));
  return router;
}

/** Elsewhere the route is like any that does not exist, whatever the method and body. */
const developmentOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (c.var.config.environment !== "development") throw notFound();
  await next();
});

function serviceOf(c: RequestContext): AuthService {
  const database = openDatabase(c.env.DB);
  return new AuthService(new Accounts(database), new Sessions(database), authorityOf(c));
}
