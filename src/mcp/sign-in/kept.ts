/** What is stored of a sign-in to a server. It is encrypted, and never shown. */
import * as z from "zod";

/** The fields that are used of an authorization server's metadata (RFC 8414). */
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

/** The authorization server, and what access it is asked for. */
export const Authority = z.object({
  /** The MCP server's address. Tokens for one address are never sent to another. */
  address: z.string(),
  server: SignInServer,
  /** The MCP server's identifier in token requests (RFC 8707). */
  resource: z.string(),
  scope: z.string().nullable(),
});
export type Authority = z.infer<typeof Authority>;

/** The OAuth client that we sign in as. */
export const OAuthClient = z.object({
  /**
   * Where the client came from: the user entered it, it is our client metadata document, or the server registered
   * it.
   */
  origin: z.enum(["given", "document", "registered"]),
  client_id: z.string(),
  client_secret: z.string().nullable(),
  auth_method: z.enum(["none", "client_secret_basic", "client_secret_post"]),
  redirect_uri: z.string(),
  /** When the secret expires, in seconds since the Unix epoch; 0 for never (RFC 7591, section 3.2.1). */
  secret_expires_at: z.number(),
});
export type OAuthClient = z.infer<typeof OAuthClient>;

/** Visible characters only, because it is sent in a header (RFC 6750, section 2.1). */
const Token = z
  .string()
  .max(16 * 1024)
  .regex(/^[\x21-\x7e]+$/);

/** Times are in milliseconds since the Unix epoch; null if the server did not say. */
export const Tokens = z.object({
  access_token: Token,
  refresh_token: Token.nullable(),
  renew_at: z.number().nullable(),
});
export type Tokens = z.infer<typeof Tokens>;

/** A completed sign-in. It has no tokens if the server has refused them since. */
export const Kept = z.object({
  authority: Authority,
  client: OAuthClient.nullable(),
  tokens: Tokens.nullable(),
});
export type Kept = z.infer<typeof Kept>;

/** A sign-in whose callback has not come yet. */
export const Pending = z.object({
  authority: Authority,
  client: OAuthClient,
  state: z.string(),
  code_verifier: z.string(),
});
export type Pending = z.infer<typeof Pending>;
