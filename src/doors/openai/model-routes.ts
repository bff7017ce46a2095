/** The agents, listed as models. */
import * as z from "zod";
import { defineRoute, requires } from "../../http/define-route.ts";
import { jsonAnswer } from "../../http/json.ts";
import { problems } from "../../http/problems.ts";
import { createRouter } from "../../http/router.ts";
import { allModels, findModel, ModelList, ModelObject } from "./agent-models.ts";

const tags = ["OpenAI"];

const list = defineRoute({
  method: "get",
  path: "/v1/models",
  tags,
  ...requires("runs:read"),
  summary: "The agents, as OpenAI lists models",
  responses: {
    200: jsonAnswer(ModelList, "Every agent"),
    ...problems("unauthenticated", "token_invalid", "token_expired"),
  },
});

const read = defineRoute({
  method: "get",
  path: "/v1/models/{id}",
  tags,
  ...requires("runs:read"),
  summary: "An agent, as a model",
  request: { params: z.object({ id: z.string().max(128) }) },
  responses: {
    200: jsonAnswer(ModelObject, "The agent"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found"),
  },
});

/** @returns the routes of models. */
export function modelRoutes() {
  const router = createRouter();
  router.openapi(list, (c) => c.json({ object: "list" as const, data: allModels() }, 200));
  router.openapi(read, (c) => c.json(findModel(c.req.valid("param").id), 200));
  return router;
}
