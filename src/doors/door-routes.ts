/** The doors of other protocols: each tells the same threads and runs in the words its clients know. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../http/router.ts";
import { a2aRoutes } from "./a2a/routes.ts";
import { copilotRoutes } from "./ag-ui/copilot-routes.ts";
import { agUiRunRoutes } from "./ag-ui/run-routes.ts";
import { mcpRoutes } from "./mcp/routes.ts";

/** @returns the routers of all doors: to add one, add its function here. */
export function doorRoutes(): OpenAPIHono<AppEnv>[] {
  return [agUiRunRoutes(), copilotRoutes(), a2aRoutes(), mcpRoutes()];
}
