/** The doors of other protocols: each tells the same threads and runs in the words its clients know. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../http/router.ts";
import { a2aRoutes } from "./a2a/routes.ts";
import { copilotRoutes } from "./ag-ui/copilot-routes.ts";
import { agUiRunRoutes } from "./ag-ui/run-routes.ts";
import { aiSdkRoutes } from "./ai-sdk/routes.ts";
import { mcpRoutes } from "./mcp/routes.ts";
import { chatRoutes } from "./openai/chat-routes.ts";
import { modelRoutes } from "./openai/model-routes.ts";
import { responseRoutes } from "./openai/response-routes.ts";

/** @returns the routers of all doors: to add one, add its function here. */
export function doorRoutes(): OpenAPIHono<AppEnv>[] {
  return [
    modelRoutes(),
    chatRoutes(),
    responseRoutes(),
    aiSdkRoutes(),
    agUiRunRoutes(),
    copilotRoutes(),
    a2aRoutes(),
    mcpRoutes(),
  ];
}
