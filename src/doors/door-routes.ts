/** The doors of other protocols: each tells the same threads and runs in the words its clients know. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../http/router.ts";
import { mcpRoutes } from "./mcp/routes.ts";

/** @returns the routers of all doors: to add one, add its function here. */
export function doorRoutes(): OpenAPIHono<AppEnv>[] {
  return [mcpRoutes()];
}
