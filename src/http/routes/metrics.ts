/** The route that Prometheus scrapes: the metrics of all isolates, for operators only. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { createMiddleware } from "hono/factory";
import { isSameSecret } from "../../auth/secret-hash.ts";
import { systemClock } from "../../core/clock.ts";
import { sharedParts, viewBreakers } from "../../durable/breakers.ts";
import { metricsObject } from "../../durable/metrics.ts";
import { reach } from "../../durable/reach.ts";
import { telemetryOf } from "../../durable/telemetry.ts";
import { ApexError } from "../../protocol/errors.ts";
import { MetricsSnapshot } from "../../protocol/metrics.ts";
import { permits } from "../../protocol/scopes.ts";
import { CONTENT_TYPE, exposition } from "../../telemetry/exposition.ts";
import { metricFamilies, type ReadGauge } from "../../telemetry/families.ts";
import { principalOf } from "../authenticate.ts";
import { defineRoute, opens } from "../define-route.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type RequestContext, type SignedInEnv } from "../router.ts";

/** How long the object with the metrics may take, in milliseconds. */
const DEADLINE_MS = 5_000;

/** Needs the scrape token or an operator. For anybody else the route does not exist. */
const operators = createMiddleware<SignedInEnv>(async (c, next) => {
  const { metricsToken } = c.var.config.telemetry;
  const given = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const mayScrape = metricsToken !== null && isSameSecret(given ?? "", metricsToken);
  if (!mayScrape && !permits((await principalOf(c)).scopes, "operator")) throw notFound();
  await next();
});

const EXAMPLE = `# HELP apex_http_requests_total Requests answered.
# TYPE apex_http_requests_total counter
apex_http_requests_total{route="/api/threads",method="GET",status="2xx"} 42
`;
const JSON_EXAMPLE: MetricsSnapshot = {
  data: [
    {
      name: "apex_http_requests_total",
      help: "Requests answered",
      type: "counter",
      samples: [{ labels: { route: "/api/threads", method: "GET", status: "2xx" }, value: 42 }],
    },
  ],
};

const scrape = defineRoute({
  method: "get",
  path: "/metrics",
  tags: ["Operator"],
  ...opens("operator"),
  middleware: operators,
  summary: "Metrics, as Prometheus reads them, or as JSON",
  description:
    "For the permission `operator`, or with `METRICS_TOKEN` as bearer token. What every isolate has reported, which each does every 15 seconds.",
  responses: {
    200: {
      description:
        "The text exposition format, version 0.0.4; the same as JSON for who accepts that",
      content: {
        "text/plain": { schema: z.string(), example: EXAMPLE },
        "application/json": { schema: MetricsSnapshot, example: JSON_EXAMPLE },
      },
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
    ...problems("not_found", "quota_exceeded"),
  },
});

/** @returns the route of the scrape. */
export function metricsRoutes() {
  const router = createRouter();
  router.openapi(scrape, async (c) => {
    await telemetryOf(c.env).metrics.report();
    const now = systemClock.now();
    const [{ series, reporters }, breakers] = await Promise.all([
      reach(
        () => metricsObject(c.env),
        (object) => object.read(now),
        DEADLINE_MS,
      ),
      breakerGauge(c),
    ]).catch((cause: unknown) => {
      const detail = "The metrics cannot be told just now. Please try again.";
      throw new ApexError("unavailable", detail, { retryAfter: 2, cause });
    });
    const data = metricFamilies(Object.entries(series), [breakers, reportersGauge(reporters)]);
    const headers = { "Cache-Control": "no-store", Vary: "Accept" };
    if (takesJson(c)) return c.json({ data }, 200, headers);
    return c.text(exposition(data), 200, { ...headers, "Content-Type": CONTENT_TYPE });
  });
  return router;
}

/** Prometheus accepts any type besides its own, so only a request that names JSON gets it. */
function takesJson(c: Context<SignedInEnv>): boolean {
  const supports = ["text/plain", "application/json"];
  const chosen = accepts(c, { header: "Accept", supports, default: "text/plain" });
  return chosen === "application/json";
}

function reportersGauge(reporters: number): ReadGauge {
  const help = "Isolates that reported within the last minute";
  return { name: "apex_metrics_reporters", help, samples: [[{}, reporters]] };
}

/**
 * The state of the breakers that all users share, from 0 to 1. It has no samples if the object that holds them
 * does not answer, so that the other metrics are still shown.
 */
async function breakerGauge(c: RequestContext): Promise<ReadGauge> {
  const breakers = await viewBreakers(c.env, systemClock, sharedParts(c.env)).catch(() => []);
  return {
    name: "apex_breaker_open",
    help: "1 where a part failed some isolate several times in a row: it is left alone, but for the history",
    samples: breakers.map(({ part, state }) => [{ part }, state === "closed" ? 0 : 1] as const),
  };
}
