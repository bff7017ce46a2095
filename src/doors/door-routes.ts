/** The doors of other protocols: each tells the same threads and runs in the words its clients know. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../http/router.ts";
import { aiSdkRoutes } from "./ai-sdk/routes.ts";
import { chatRoutes } from "./openai/chat-routes.ts";
import { modelRoutes } from "./openai/model-routes.ts";
import { responseRoutes } from "./openai/response-routes.ts";

/** @returns the routers of all doors: to add one, add its function here. */
export function doorRoutes(): OpenAPIHono<AppEnv>[] {
  return [modelRoutes(), chatRoutes(), responseRoutes(), aiSdkRoutes()];
}
