/** How the breakers stand: which parts are left alone just now, and when they are tried again. */
import { systemClock } from "../../core/clock.ts";
import { connectedPart, GUARDED_PARTS, viewBreakers } from "../../durable/breakers.ts";
import { CircuitBreakers } from "../../protocol/api.ts";
import { ApexError } from "../../protocol/errors.ts";
import { openDatabase } from "../../store/database.ts";
import { McpServerRows } from "../../store/mcp-servers.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const list = defineRoute({
  method: "get",
  path: "/api/circuit-breakers",
  tags: ["Health"],
  ...requires("usage:read"),
  summary: "How the breaker of every guarded part stands",
  description:
    "A part that fails several times in a row is left alone; then one call at a time tries it again. Each instance of the server keeps its own breaker and reports when it opens and closes.",
  responses: {
    200: jsonAnswer(
      CircuitBreakers,
      "Every part, one's own MCP servers too, with what each instance reported of it",
    ),
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
    ...problems("forbidden", "quota_exceeded", "unavailable"),
  },
});

/** @returns the route that tells how breakers stand. */
export function circuitBreakerRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    try {
      const { userId } = c.var.principal;
      const servers = await new McpServerRows(openDatabase(c.env.DB), userId).list();
      const parts = [...GUARDED_PARTS, ...servers.map(({ id }) => connectedPart(id))];
      return c.json({ data: await viewBreakers(c.env, systemClock, parts) }, 200);
    } catch (cause) {
      const detail = "How the breakers stand cannot be told just now. Please try again.";
      throw new ApexError("unavailable", detail, { retryAfter: 2, cause });
    }
  });
  return router;
}
