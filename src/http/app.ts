/** Composes the HTTP app: middleware for every request, then all routes. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { except } from "hono/combine";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { confirmEras } from "../durable/history-eras.ts";
import { readConfig } from "../env.ts";
import { ApexError } from "../protocol/errors.ts";
import { standingPath } from "./aliases.ts";
import { apiRoutes } from "./api-routes.ts";
import { versioned } from "./api-version.ts";
import { boundedBody, drainedBody, RPC_PATHS } from "./body.ts";
import { BODY_EXAMPLES, type BodyExamples } from "./body-examples.ts";
import { entityTagged } from "./entity-tags.ts";
import { answered, boundedHeaders, named, sharedWithAllowed } from "./headers.ts";
import { DOCUMENT_PATH, serveDocument } from "./openapi.ts";
import { answerError, answerProblem, notFound } from "./problems.ts";
import { type AppEnv, createRouter } from "./router.ts";
import { discoveryRoutes } from "./routes/discovery.ts";
import { LIVE_PATH } from "./routes/health.ts";
import { logged, traced } from "./traced.ts";
import { TRANSCRIPT_PATHS } from "./transcript-body.ts";
import { UPLOAD_PATHS } from "./upload.ts";

/**
 * @param doors the routes of the other protocols (OpenAI's, MCP and so on), besides those of the API.
 * @param examples of the request bodies of `doors`, for the OpenAPI document.
 * @returns the app, whose `fetch` serves the Worker's requests.
 */
export function createApp(doors: readonly OpenAPIHono<AppEnv>[], examples: BodyExamples) {
  const app = createRouter({ getPath: standingPath });
  app.onError(answerError);
  app.notFound((c) => answerProblem(c, notFound()));

  app.use(named);
  app.use(logged);
  app.use(traced);
  app.use(answered);
  app.use(drainedBody);
  app.use(boundedHeaders);
  app.use("/api/*", neverStored);
  app.use("/v1/*", neverStored);
  app.use("/api/*", entityTagged);
  app.use(versioned);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, methods) {
        const allowed = methods.join(", ");
        c.header("Allow", allowed);
        return answerProblem(c, new ApexError("method_not_allowed", `Allowed: ${allowed}.`));
      },
    }),
  );
  app.use(except([LIVE_PATH, DOCUMENT_PATH], configured, sharedWithAllowed));
  app.use(except([...UPLOAD_PATHS, ...TRANSCRIPT_PATHS, ...RPC_PATHS], boundedBody));

  for (const routes of [...apiRoutes(), ...doors]) app.route("/", routes);
  app.route(
    "/",
    discoveryRoutes(() => new Set(app.routes.map(({ path }) => path))),
  );
  serveDocument(app, { ...BODY_EXAMPLES, ...examples });
  return app;
}

/** Answers are private to their user, so no cache on the way may keep them (RFC 9111, 5.2.2.5). */
const neverStored = createMiddleware(async (c, next) => {
  c.header("Cache-Control", "no-store");
  await next();
});

/**
 * Refuses every request with `misconfigured`, naming all faults, until the configuration is valid. That includes the
 * databases that hold users' histories, which must not be rearranged: see {@link confirmEras}. If this cannot be
 * checked, because the database is unreachable, the request goes on.
 */
const configured = createMiddleware<AppEnv>(async (c, next) => {
  c.set("config", readConfig(c.env));
  await confirmEras(c.env).catch(throwUnlessAway);
  await next();
});

function throwUnlessAway(error: unknown): void {
  if (!(error instanceof ApexError) || error.code !== "unavailable") throw error;
}
