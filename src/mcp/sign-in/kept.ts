/** What is kept of a sign-in to a server: sealed where it lies, and shown to nobody. */
import * as z from "zod";

/** Where one signs in: what of the server's own metadata (RFC 8414) is used. */
export const SignInServer = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string().exactOptional(),
  revocation_endpoint: z.string().exactOptional(),
  scopes_supported: z.array(z.string()).exactOptional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
  client_id_metadata_document_supported: z.boolean().exactOptional(),
});
export type SignInServer = z.infer<typeof SignInServer>;

/** Where one signs in, and for what. */
export const Authority = z.object({
  /** The MCP server's address: what was given for one is shown to no other. */
  address: z.string(),
  server: SignInServer,
  /** The MCP server as tokens are asked for (RFC 8707). */
  resource: z.string(),
  scope: z.string().nullable(),
});
export type Authority = z.infer<typeof Authority>;

/** As whom we ask. */
export const OAuthClient = z.object({
  /** How it came about: its user gave it, it is a document of ours, or the server registered it. */
  origin: z.enum(["given", "document", "registered"]),
  client_id: z.string(),
  client_secret: z.string().nullable(),
  auth_method: z.enum(["none", "client_secret_basic", "client_secret_post"]),
  redirect_uri: z.string(),
  /** When the secret runs out, in seconds since 1970; 0 for never. */
  secret_expires_at: z.number(),
});
export type OAuthClient = z.infer<typeof OAuthClient>;

/** Visible characters alone: it travels in a header (RFC 6750, section 2.1). */
const Token = z
  .string()
  .max(16 * 1024)
  .regex(/^[\x21-\x7e]+$/);

/** Times in milliseconds since 1970; null where the server did not say. */
export const Tokens = z.object({
  access_token: Token,
  refresh_token: Token.nullable(),
  renew_at: z.number().nullable(),
});
export type Tokens = z.infer<typeof Tokens>;

/** A sign-in that was completed; without tokens where they were refused since. */
export const Kept = z.object({
  authority: Authority,
  client: OAuthClient.nullable(),
  tokens: Tokens.nullable(),
});
export type Kept = z.infer<typeof Kept>;

/** A sign-in that the browser has not come back from. */
export const Pending = z.object({
  authority: Authority,
  client: OAuthClient,
  state: z.string(),
  code_verifier: z.string(),
});
export type Pending = z.infer<typeof Pending>;
