/** The API's own routes: to add a resource, add its function here. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "./router.ts";
import { accountRoutes } from "./routes/account.ts";
import { accountStreamRoutes } from "./routes/account-stream.ts";
import { agentRoutes } from "./routes/agents.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { auditRoutes } from "./routes/audit.ts";
import { authRoutes } from "./routes/auth.ts";
import { budgetRoutes } from "./routes/budget.ts";
import { chatStreamRoutes } from "./routes/chat-stream.ts";
import { circuitBreakerRoutes } from "./routes/circuit-breakers.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { exportRoutes } from "./routes/export.ts";
import { exportThreadRoutes } from "./routes/export-thread.ts";
import { forkThreadRoutes } from "./routes/fork-thread.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { jwksRoutes } from "./routes/jwks.ts";
import { limitRoutes } from "./routes/limits.ts";
import { mcpCatalogRoutes } from "./routes/mcp-catalog.ts";
import { mcpServerRoutes } from "./routes/mcp-servers.ts";
import { mcpSignInRoutes } from "./routes/mcp-sign-in.ts";
import { messageRoutes } from "./routes/messages.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { oauthRoutes } from "./routes/oauth.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { organizationRoutes } from "./routes/organization.ts";
import { passwordRoutes } from "./routes/password.ts";
import { postMessageRoutes } from "./routes/post-message.ts";
import { profileRoutes } from "./routes/profile.ts";
import { runListRoutes } from "./routes/run-list.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { shareThreadRoutes } from "./routes/share-thread.ts";
import { sharedThreadRoutes } from "./routes/shared-thread.ts";
import { simulatedProviderRoutes } from "./routes/simulated-provider.ts";
import { threadLogRoutes } from "./routes/thread-log.ts";
import { threadRoutes } from "./routes/threads.ts";
import { toolRoutes } from "./routes/tools.ts";
import { usageImportRoutes } from "./routes/usage-imports.ts";
import { usagePriceRoutes } from "./routes/usage-prices.ts";
import { usageRecordRoutes } from "./routes/usage-records.ts";
import { traceRoutes } from "./routes/usage-traces.ts";
import { usageWorkspaceRoutes } from "./routes/usage-workspace.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** @returns the routers of all resources. If two match a path, the first one answers. */
export function apiRoutes(): OpenAPIHono<AppEnv>[] {
  return [
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
    threadLogRoutes(),
    exportThreadRoutes(),
    shareThreadRoutes(),
    sharedThreadRoutes(),
    historyRoutes(),
    messageRoutes(),
    postMessageRoutes(),
    runListRoutes(),
    runRoutes(),
    agentRoutes(),
    toolRoutes(),
    chatStreamRoutes(),
    connectionRoutes(),
    accountStreamRoutes(),
    limitRoutes(),
    budgetRoutes(),
    accountRoutes(),
    profileRoutes(),
    exportRoutes(),
    auditRoutes(),
    operatorRoutes(),
    metricsRoutes(),
    usageRecordRoutes(),
    usageImportRoutes(),
    usageWorkspaceRoutes(),
    usagePriceRoutes(),
    traceRoutes(),
    webhookRoutes(),
    mcpServerRoutes(),
    mcpSignInRoutes(),
    mcpCatalogRoutes(),
  ];
}
