/** The HTTP app: what holds for every request, and all the routes. */
import { except } from "hono/combine";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { readConfig } from "../env.ts";
import { ApexError } from "../protocol/errors.ts";
import { boundedBody, drainedBody } from "./body.ts";
import { answered, boundedHeaders, named, sharedWithAllowed } from "./headers.ts";
import { DOCUMENT_PATH, serveDocument } from "./openapi.ts";
import { answerError, answerProblem, notFound } from "./problems.ts";
import { type AppEnv, createRouter } from "./router.ts";
import { accountRoutes } from "./routes/account.ts";
import { accountStreamRoutes } from "./routes/account-stream.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { auditRoutes } from "./routes/audit.ts";
import { authRoutes } from "./routes/auth.ts";
import { circuitBreakerRoutes } from "./routes/circuit-breakers.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { exportRoutes } from "./routes/export.ts";
import { forkThreadRoutes } from "./routes/fork-thread.ts";
import { healthRoutes, LIVE_PATH } from "./routes/health.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { jwksRoutes } from "./routes/jwks.ts";
import { limitRoutes } from "./routes/limits.ts";
import { messageRoutes } from "./routes/messages.ts";
import { oauthRoutes } from "./routes/oauth.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { organizationRoutes } from "./routes/organization.ts";
import { passwordRoutes } from "./routes/password.ts";
import { postMessageRoutes } from "./routes/post-message.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { simulatedProviderRoutes } from "./routes/simulated-provider.ts";
import { threadRoutes } from "./routes/threads.ts";
import { usageImportRoutes } from "./routes/usage-imports.ts";
import { usagePriceRoutes } from "./routes/usage-prices.ts";
import { usageRecordRoutes } from "./routes/usage-records.ts";
import { traceRoutes } from "./routes/usage-traces.ts";
import { usageWorkspaceRoutes } from "./routes/usage-workspace.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { UPLOAD_PATHS } from "./upload.ts";

/** @returns the app: to add routes, add their function here. Its `fetch` is the Worker's. */
export function createApp() {
  const app = createRouter();
  app.onError(answerError);
  app.notFound((c) => answerProblem(c, notFound()));

  app.use(named);
  app.use(answered);
  app.use(drainedBody);
  app.use(boundedHeaders);
  app.use("/api/*", neverStored);
  app.use("/v1/*", neverStored);
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
  app.use(except(UPLOAD_PATHS, boundedBody));

  for (const routes of [
    healthRoutes(),
    circuitBreakerRoutes(),
    authRoutes(),
    apiKeyRoutes(),
    organizationRoutes(),
    invitationRoutes(),
    jwksRoutes(),
    sessionRoutes(),
    passwordRoutes(),
    oauthRoutes(),
    simulatedProviderRoutes(),
    threadRoutes(),
    forkThreadRoutes(),
    messageRoutes(),
    postMessageRoutes(),
    runRoutes(),
    connectionRoutes(),
    accountStreamRoutes(),
    limitRoutes(),
    accountRoutes(),
    exportRoutes(),
    auditRoutes(),
    operatorRoutes(),
    usageRecordRoutes(),
    usageImportRoutes(),
    usageWorkspaceRoutes(),
    usagePriceRoutes(),
    traceRoutes(),
    webhookRoutes(),
  ]) {
    app.route("/", routes);
  }
  serveDocument(app);
  return app;
}

/** What users are told is theirs alone, so no cache on the way keeps it (RFC 9111, 5.2.2.5). */
const neverStored = createMiddleware(async (c, next) => {
  c.header("Cache-Control", "no-store");
  await next();
});

/** Refuses everything with `misconfigured`, all faults named, until the configuration is valid. */
const configured = createMiddleware<AppEnv>(async (c, next) => {
  c.set("config", readConfig(c.env));
  await next();
});
