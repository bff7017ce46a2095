/** Every request as operators see it: a span in the trace it came in, and what is counted of it. */
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

/** What no route is behind: addresses that are made up must not become names of metrics. */
const UNMATCHED = "unmatched";
const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** The answers that say "too much". */
const TOO_MUCH = new Set(["rate_limited", "quota_exceeded", "budget_exceeded"]);

/** Serves a request in a log context: whatever is logged of it from here on says which one it is. */
export const logged = createMiddleware<AppEnv>(async (c, next) => {
  await withLogContext({ request_id: c.var.requestId }, next);
});

/**
 * Traces and counts a request. What is told of it leaves after its answer has: nothing waits for that.
 * The span ends with the answer's headers, so a stream or a socket outlives it.
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

/** @returns by which request a message comes, for its run to go on in the same trace. */
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

/** @returns the route as the document has it: `/api/threads/{thread_id}`. */
function routeOf(c: Context<AppEnv>): string {
  const path = routePath(c, -1);
  if (path === "" || path.endsWith("*")) return UNMATCHED;
  return path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}");
}
