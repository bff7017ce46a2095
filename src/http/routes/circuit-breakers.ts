/** The route of the circuit breakers: which parts are not called at the moment, and when they are tried again. */
import type { Context } from "hono";
import { systemClock } from "../../core/clock.ts";
import {
  connectedPart,
  type GuardedPart,
  sharedParts,
  viewBreakers,
} from "../../durable/breakers.ts";
import { CircuitBreakers } from "../../protocol/api.ts";
import { ApexError } from "../../protocol/errors.ts";
import { consoleLog } from "../../telemetry/log.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { serverRows } from "../mcp-health.ts";
import { problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const list = defineRoute({
  method: "get",
  path: "/api/circuit-breakers",
  tags: ["Health"],
  ...requires("usage:read"),
  summary: "How the breaker of every guarded part stands",
  description:
    "A part that fails several times in a row is left alone; then one call at a time tries it again. Each instance of the server keeps its own breaker and reports when it opens and closes. The history alone is watched and never left alone: every thread keeps what D1 did not take, and tries again by itself, ever less often. While D1 is away, one's own MCP servers are not among the parts.",
  responses: {
    200: jsonAnswer(
      CircuitBreakers,
      "Every part, one's own MCP servers too, with what each instance reported of it",
    ),
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
    ...problems("forbidden", "quota_exceeded", "unavailable"),
  },
});

/** @returns the route that lists the breakers. */
export function circuitBreakerRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    try {
      const parts = [...sharedParts(c.env), ...(await ownParts(c))];
      return c.json({ data: await viewBreakers(c.env, systemClock, parts) }, 200);
    } catch (cause) {
      const detail = "How the breakers stand cannot be told just now. Please try again.";
      throw new ApexError("unavailable", detail, { retryAfter: 2, cause });
    }
  });
  return router;
}

/** If D1 is unreachable, only the parts shared by all users are listed: they matter most then. */
async function ownParts(c: Context<SignedInEnv>): Promise<GuardedPart[]> {
  try {
    return (await serverRows(c).list()).map(({ id }) => connectedPart(id));
  } catch (error) {
    consoleLog.error("mcp.unlisted", error);
    return [];
  }
}
