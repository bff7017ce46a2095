/** The headers of all requests and answers: limits, request ids, security headers and CORS. */
import type { Context } from "hono";
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { newId } from "../core/clock.ts";
import { traceparentOf } from "../core/trace-context.ts";
import { ApexError } from "../protocol/errors.ts";
import { API_VERSION_HEADER } from "./api-version.ts";
import { IDEMPOTENCY_KEY, REPLAYED } from "./idempotency.ts";
import { isAllowedOrigin } from "./origin.ts";
import type { AppEnv } from "./router.ts";

/** The header that tells the caller the trace's id (W3C Trace Context Level 2). */
export const TRACE_RESPONSE = "traceresponse";
/** The most for all request headers together, in characters of names and values. */
const MAX_HEADER_LENGTH = 32 * 1024;
const MAX_HEADERS = 100;
/** The most characters of a client's own request id, which may have letters, digits, `_`, `-` and `=`. */
const REQUEST_ID_LENGTH = 64;
/** How long browsers may cache a preflight answer, in seconds. */
const PREFLIGHT_SECONDS = 600;

/** Gives each request an id, for its answer and all its log lines. */
export const named = requestId({ generator: newId, limitLength: REQUEST_ID_LENGTH });

/** Answers are data, so browsers must not run, frame or sniff them. */
const secured = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  // Pages of allowed origins read answers by CORS, so "same-site" would allow nothing more that is wanted.
  crossOriginResourcePolicy: "same-origin",
  permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
  strictTransportSecurity: "max-age=31536000",
  xFrameOptions: "DENY",
});

/** Sets the headers that every answer has, errors included. */
export const answered = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  if (c.res.webSocket) tellRequestId(c, c.res.webSocket);
  else await secured(c, () => Promise.resolve());
});

/** The headers of a 101 answer from an object are immutable, so a new answer is made. */
function tellRequestId(c: Context<AppEnv>, webSocket: WebSocket): void {
  const headers = new Headers(c.res.headers);
  headers.set("X-Request-Id", c.var.requestId);
  const trace = c.var.span.context;
  if (trace !== null) headers.set(TRACE_RESPONSE, traceparentOf(trace));
  c.res = undefined;
  c.res = new Response(null, { status: 101, headers, webSocket });
}

/** Refuses a request with too many or too long headers (RFC 6585, section 5). */
export const boundedHeaders = createMiddleware(async (c, next) => {
  const headers = [...c.req.raw.headers];
  const length = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (headers.length > MAX_HEADERS || length > MAX_HEADER_LENGTH) {
    const detail = `Send at most ${MAX_HEADERS} headers, of ${MAX_HEADER_LENGTH} characters together.`;
    throw new ApexError("headers_too_large", detail);
  }
  await next();
});

const shared = cors({
  origin: (origin) => origin,
  allowMethods: ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"],
  allowHeaders: [
    ...["Authorization", "Content-Type", "Last-Event-ID", "X-CSRF-Token", "X-Request-Id"],
    ...[
      "traceparent",
      "tracestate",
      "If-None-Match",
      API_VERSION_HEADER,
      IDEMPOTENCY_KEY,
      "X-Apex-Thread-Id",
    ],
    ...["Mcp-Method", "Mcp-Name", "Mcp-Protocol-Version", "Mcp-Session-Id"],
  ],
  exposeHeaders: [
    ...["Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"],
    ...["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"],
    ...["ETag", API_VERSION_HEADER, REPLAYED, "X-Apex-Thread-Id"],
    ...["Mcp-Session-Id", "WWW-Authenticate", TRACE_RESPONSE],
  ],
  credentials: true,
  maxAge: PREFLIGHT_SECONDS,
});

/** Lets pages of the allowed origins read answers (CORS). Other origins get no permission. */
export const sharedWithAllowed = createMiddleware<AppEnv>(async (c, next) => {
  const origin = c.req.header("origin");
  const isUpgrade = c.req.header("upgrade") !== undefined;
  if (isUpgrade || origin === undefined) return await next();
  if (isAllowedOrigin(origin, c.var.config.allowedOrigins)) return await shared(c, next);
  await next();
  c.header("Vary", "Origin", { append: true });
});
