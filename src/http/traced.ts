/** Makes requests visible to operators: a span in the trace the request came with, metrics, and its id in the log. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { systemClock } from "../core/clock.ts";
import { readTraceContext, traceparentOf } from "../core/trace-context.ts";
import { telemetryOf } from "../durable/telemetry.ts";
import { ApexError } from "../protocol/errors.ts";
import { isD1Failure } from "../store/database.ts";
import { requestPoint } from "../telemetry/data-points.ts";
import { addToLogContext, withLogContext } from "../telemetry/log.ts";
import type { RunOrigin } from "../thread/run-origin.ts";
import { TRACE_RESPONSE } from "./headers.ts";
import type { AppEnv, RequestContext } from "./router.ts";

/** Stands for paths without a route: made-up paths must not become names of metrics, or these grow without end. */
const UNMATCHED = "unmatched";
const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** The error codes that are counted as rate limiting. */
const TOO_MUCH = new Set(["rate_limited", "quota_exceeded", "budget_exceeded"]);

/** Adds the request's id to every line that is logged while it is served. */
export const logged = createMiddleware<AppEnv>(async (c, next) => {
  await withLogContext({ request_id: c.var.requestId }, next);
});

/**
 * Traces and counts a request. Nothing of this delays the answer: it is exported after that. The span ends when the
 * answer's headers are sent, so it does not cover the life of a stream or socket.
 */
export const traced = createMiddleware<AppEnv>(async (c, next) => {
  const { tracer } = telemetryOf(c.env);
  const method = KNOWN_METHODS.has(c.req.method) ? c.req.method : "_OTHER";
  const span = tracer.start(method, readTraceContext(c.req.raw.headers), {
    kind: "server",
    isAnybodys: true,
    attributes: { "http.request.method": method, "apex.request_id": c.var.requestId },
  });
  const startedAt = systemClock.now();
  c.set("span", span);
  if (span.context !== null) c.header(TRACE_RESPONSE, traceparentOf(span.context));
  addToLogContext({ trace_id: span.context?.traceId });
  await next();
  tell(c, method, systemClock.now() - startedAt);
});

/** @returns which request a message came by, so that its run can be part of the same trace. */
export function originOf({ var: { requestId, span } }: RequestContext): RunOrigin {
  return { request_id: requestId, trace: span.context };
}

function tell(c: Context<AppEnv>, method: string, durationMs: number): void {
  const telemetry = telemetryOf(c.env);
  const { metrics } = telemetry;
  const { span } = c.var;
  const { status } = c.res;
  const route = routeOf(c);
  span.rename(`${method} ${route}`);
  span.set({ "http.route": route, "http.response.status_code": status });
  span.end(status >= 500 ? String(status) : null);
  const statusClass = `${Math.floor(status / 100)}xx`;
  metrics.add("apex_http_requests_total", { route, method, status: statusClass });
  metrics.observe("apex_http_request_duration_seconds", { route, method }, durationMs / 1_000);
  const { error } = c;
  if (error instanceof ApexError && TOO_MUCH.has(error.code)) {
    metrics.add("apex_rate_limited_requests_total", { code: error.code });
  }
  if (isD1Failure(error)) metrics.add("apex_d1_failures_total", { during: "request" });
  const traceId = span.context?.traceId ?? "";
  telemetry.write(requestPoint({ route, method, status, durationMs, traceId }));
  c.executionCtx.waitUntil(telemetry.flushSoon());
}

/** @returns the route as the OpenAPI document writes it, for example `/api/threads/{thread_id}`. */
function routeOf(c: Context<AppEnv>): string {
  const path = routePath(c, -1);
  if (path === "" || path.endsWith("*")) return UNMATCHED;
  return path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}");
}
