/** The bodies about MCP servers that a user has connected: what they are, how they are, and what they can do. */
import * as z from "zod";
import { McpServerId, Timestamp } from "./ids.ts";
import { Json } from "./json.ts";
import { Text } from "./text.ts";

/** It is part of the names of the server's tools: `mcp_<name>_<tool>`. */
const McpServerName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,23}$/, "must be 1 to 24 small letters and digits, a letter first");
const Address = Text.min(1)
  .max(2_048)
  .describe("Of a Streamable HTTP endpoint: https, of a public host, on its usual port");
/** Visible characters alone: it travels in a header (RFC 6750, 2.1). */
const Secret = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters")
  .describe("Shown to the server as a bearer token; kept encrypted, and never shown again");

/** An MCP server to be connected. */
export const ConnectMcpServerBody = z.strictObject({
  name: McpServerName,
  url: Address,
  secret: Secret.nullable().default(null),
  enabled: z.boolean().default(true).describe("Whether its tools are offered to agents"),
});
export type ConnectMcpServerBody = z.infer<typeof ConnectMcpServerBody>;

/** What changes of a server; what is left out stays. */
export const ChangeMcpServerBody = z.strictObject({
  url: Address.optional().describe("A new address forgets the secret, the tools and approvals"),
  secret: Secret.nullable().optional().describe("null: it is shown none any more"),
  enabled: z.boolean().optional(),
});
export type ChangeMcpServerBody = z.infer<typeof ChangeMcpServerBody>;

const ClientText = z
  .string()
  .min(1)
  .max(2_048)
  .regex(/^[\x20-\x7e]+$/, "must be visible ASCII characters");

/** The OAuth client to sign in as; left out if one is registered automatically. */
export const SignInToMcpServerBody = z
  .strictObject({
    client_id: ClientText.nullable()
      .default(null)
      .describe("Of a client that was registered by hand; null: one comes about by itself"),
    client_secret: ClientText.nullable().default(null).describe("Kept encrypted"),
  })
  .refine(({ client_id, client_secret }) => client_id !== null || client_secret === null, {
    path: ["client_id"],
    message: "goes with the secret",
  });
export type SignInToMcpServerBody = z.input<typeof SignInToMcpServerBody>;

/** Where a person says yes. */
export const McpSignInStarted = z.object({
  authorization_url: z
    .string()
    .describe("Where this browser goes, within ten minutes; it comes back by itself"),
});
export type McpSignInStarted = z.infer<typeof McpSignInStarted>;

/** A server as it is kept. */
export const McpServer = z.object({
  id: McpServerId,
  name: z.string(),
  url: z.string(),
  has_secret: z.boolean(),
  enabled: z.boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
  checked_at: Timestamp.nullable().describe("When it was last asked, as far as that was kept"),
  problem: z.string().nullable().describe("What was wrong then, in English"),
  tool_count: z.number().int(),
  left_out: z
    .number()
    .int()
    .describe("Tools it lists and that are not offered: they break a bound"),
  sign_in: z
    .enum(["none", "needed", "signed_in", "needed_again"])
    .describe("Whether it asks its user to sign in; again where what they allowed is over"),
  signs_in_at: z.string().nullable().describe("Where one signed in: the issuer of its tokens"),
});
export type McpServer = z.infer<typeof McpServer>;

/** What can be wrong with a server, for programs: a client says it in its own words and language. */
export const McpProblemCode = z.enum([
  "unreachable",
  "too_slow",
  "too_large",
  "http_status",
  "refused",
  "redirects",
  "other_address",
  "address_refused",
  "malformed_result",
  "secret_refused",
  "secret_lost",
  "sign_in_needed",
  "sign_in_too_narrow",
  "sign_in_refused",
  "sign_in_over",
  "sign_in_lost",
  "sign_in_not_renewed",
  "sign_in_token_unknown",
  "sign_in_server_failed",
  "sign_in_server_refused",
  "sign_in_address_refused",
]);
export type McpProblemCode = z.infer<typeof McpProblemCode>;

/** What is wrong with a server, apart from the words for it. */
export const McpProblem = z.object({
  code: McpProblemCode,
  named: z
    .string()
    .nullable()
    .describe("What the sentence names: seconds, KiB, an HTTP status, or somebody else's words"),
});
export type McpProblem = z.infer<typeof McpProblem>;

/** A server with how it is just now. */
export const McpServerHealth = McpServer.extend({
  known_problem: McpProblem.nullable().describe(
    "The same as `problem`, for programs; null also where only the sentence says more",
  ),
  health: z.enum(["unchecked", "healthy", "failing"]),
  breaker: z
    .enum(["closed", "half_open", "open"])
    .nullable()
    .describe("Open: it is left alone for a while; null: not known just now"),
});
export type McpServerHealth = z.infer<typeof McpServerHealth>;
/** One's connected servers. */
export const McpServers = z.object({ data: z.array(McpServerHealth) });
export type McpServers = z.infer<typeof McpServers>;

/** A tool of a connected server, as that describes it. */
export const McpTool = z.object({
  server_id: McpServerId,
  server: z.string(),
  tool: z.string().describe("As the server names it"),
  name: z.string().describe("As agents and events name it"),
  description: z.string().describe("The server's words, not ours"),
  parameters: z.record(z.string(), Json).describe("JSON Schema"),
  approved: z.boolean().describe("Whether its first use was approved, as it is described now"),
});
export type McpTool = z.infer<typeof McpTool>;
/** The tools of all connected servers. */
export const McpTools = z.object({ data: z.array(McpTool) });
export type McpTools = z.infer<typeof McpTools>;

/** How the connected servers are in all. */
export const McpStatus = z.object({
  servers: z.object({
    total: z.number().int(),
    enabled: z.number().int(),
    healthy: z.number().int(),
    failing: z.number().int(),
    unchecked: z.number().int(),
  }),
  tools: z.object({ total: z.number().int(), approved: z.number().int() }),
  endpoint: z.string().describe("Where MCP clients reach us"),
});
export type McpStatus = z.infer<typeof McpStatus>;

/** A client's configuration for our own MCP endpoint. The user fills in the token. */
export const McpClientConfig = z.object({
  client: z.string(),
  title: z.string(),
  file: z.string().nullable().describe("Where it belongs; null for a command"),
  config: Json.describe("The file's content, or the command"),
});
/** The configurations of common clients for our own MCP endpoint. */
export const McpClientConfigs = z.object({
  endpoint: z.string(),
  data: z.array(McpClientConfig),
});
export type McpClientConfigs = z.infer<typeof McpClientConfigs>;
