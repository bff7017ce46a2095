/** An example of each JSON request body, for the OpenAPI document. A test sends every one of them. */

const EMAIL = "ada@example.com";
const PASSWORD = "correct horse battery";
/** Sample ids. Readers replace them with their own. */
const THREAD_ID = "019aa5c2-7d10-7c3e-9f4b-2d1e8a6b5c01";
const MESSAGE_ID = "019aa5c2-7d10-7c3e-9f4b-2d1e8a6b5c02";
const TOKEN = "rft_example";

const QUESTION = { content: "Which model is cheaper for summaries?" };

/** The examples by method and path, as in the OpenAPI document. */
export type BodyExamples = Readonly<Record<string, unknown>>;

export const BODY_EXAMPLES: BodyExamples = {
  "POST /api/auth/register": { email: EMAIL, password: PASSWORD, name: "Ada Lovelace" },
  "POST /api/auth/login": { email: EMAIL, password: PASSWORD },
  "POST /api/auth/dev-login": { email: EMAIL },
  "POST /api/auth/refresh": { refresh_token: TOKEN },
  "POST /api/auth/logout": { refresh_token: TOKEN },
  "PATCH /api/auth/me": { name: "Ada King" },
  "PATCH /api/me/preferences": { theme: "dark", time_zone: "Europe/Berlin" },
  "POST /api/account/password": {
    current_password: PASSWORD,
    new_password: "another horse battery",
  },
  "DELETE /api/account": { email: EMAIL },
  "POST /api/keys": {
    name: "CI",
    scopes: ["threads:read", "threads:write", "runs:write", "tools:*"],
    expires_in_days: 30,
  },
  "POST /api/webhooks": { url: "https://example.com/hooks/apex" },
  "POST /api/organization": { name: "Platform" },
  "PATCH /api/organization/members/{user_id}": { role: "member" },
  "POST /api/organization/invitations": { email: "grace@example.com", role: "member" },
  "POST /api/organization/invitations/accept": { token: "inv_example" },
  "PUT /api/account/budget": { monthly_usd: 200 },
  "POST /api/mcp/servers": { name: "docs", url: "https://mcp.example.com/mcp", secret: null },
  "PATCH /api/mcp/servers/{id}": { enabled: false },
  "POST /api/mcp/servers/{id}/sign-in": { client_id: null },
  "POST /api/threads": { title: "Nightly report", metadata: { source: "ci" } },
  "PATCH /api/threads/{id}": { title: "Weekly report" },
  "POST /api/threads/{id}/fork": { message_id: MESSAGE_ID },
  "POST /api/threads/{id}/messages": { ...QUESTION, client_message_id: "my-own-id-1" },
  "POST /api/chat/stream": QUESTION,
  "POST /api/agents/execute": { ...QUESTION, agent: "data" },
  "POST /api/agents/{agent}/execute": QUESTION,
  "POST /api/agents/stop": { thread_id: THREAD_ID },
  "POST /api/runs/{id}/approvals/{call_id}": { decision: "approved" },
  "POST /api/tools/{tool}/execute": { arguments: {} },
  "POST /api/usage/records": {
    records: [
      {
        record_id: "call-3",
        ts: "2026-11-03T10:00:00Z",
        provider: "openai",
        request_model: "gpt-5-mini",
        input_tokens: 900,
        cache_read_tokens: 600,
        output_tokens: 40,
        feature: "search",
      },
    ],
  },
  "POST /api/usage/prices": {
    provider: "openai",
    model_pattern: "gpt-5-mini*",
    rates: { input: 0.2, cache_read: 0.02, cache_write: 0.2, output: 1.6 },
    valid_from: "2026-11-01T00:00:00.000Z",
    source: "Contract 2026-17",
  },
  "POST /api/usage/evaluations": {
    evaluations: [
      {
        evaluation_set: "summaries-2026-11",
        item_id: "item-1",
        ts: 1_793_700_000_000,
        feature: "summaries",
        from_model: "gpt-5",
        to_model: "gpt-5-mini",
        from_passed: 1,
        to_passed: 1,
        from_latency_ms: 2_100,
        to_latency_ms: 900,
      },
    ],
  },
  "PUT /api/usage/profile": {
    name: "Platform",
    hourly_rate_usd: 90,
    implementation_hours: {},
    running_cost_monthly_usd: 100,
    monthly_budget_usd: 5_000,
    duplicates_allowed_features: ["search"],
  },
  "POST /v1/traces": { resourceSpans: [] },
};
