/** As whom we ask at a sign-in server: as its user says, by a document of ours, or newly registered there. */
import {
  allowInsecureRequests,
  customFetch,
  dynamicClientRegistrationRequest,
  processDynamicClientRegistrationResponse,
} from "oauth4webapi";
import { ApexError } from "../../protocol/errors.ts";
import { McpFailure } from "../failure.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import { OAuthClient, type SignInServer } from "./kept.ts";

/** Our own addresses, as a sign-in server is told of them. */
export interface OwnAddresses {
  /** Where the browser comes back to. */
  readonly redirectUri: string;
  /** Of the document that describes us (OAuth client ID metadata documents). */
  readonly clientDocument: string;
}

/** A client that its user registered by hand. */
export interface GivenClient {
  readonly client_id: string;
  readonly client_secret: string | null;
}

/** What we say of ourselves (RFC 7591, section 2), in the document and in a registration. */
export function clientMetadata(redirectUri: string) {
  return {
    client_name: "Apex Edge",
    application_type: "web",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}

/**
 * In the order that MCP asks for: what the user gave, our document, a registration.
 * @throws {ApexError} `invalid_fields` where only the user can help, by a `client_id`.
 * @throws {McpFailure} where the server refuses.
 */
export async function clientFor(
  server: SignInServer,
  given: GivenClient | null,
  own: OwnAddresses,
  fetch: GuardedFetch,
): Promise<OAuthClient> {
  const common = { redirect_uri: own.redirectUri, secret_expires_at: 0 };
  if (given !== null) {
    const auth_method = given.client_secret === null ? "none" : secretMethod(server);
    return { ...common, ...given, origin: "given", auth_method };
  }
  const isPublic = own.clientDocument.startsWith("https:");
  if (server.client_id_metadata_document_supported === true && isPublic) {
    const client = { client_id: own.clientDocument, client_secret: null, auth_method: "none" };
    return OAuthClient.parse({ ...common, ...client, origin: "document" });
  }
  if (server.registration_endpoint === undefined) throw unregistered(server, own);
  return await register(server, own, fetch);
}

async function register(
  server: SignInServer,
  { redirectUri }: OwnAddresses,
  fetch: GuardedFetch,
): Promise<OAuthClient> {
  const supported = server.token_endpoint_auth_methods_supported;
  const method = supported?.includes("none") ? "none" : secretMethod(server);
  const asked = { ...clientMetadata(redirectUri), token_endpoint_auth_method: method };
  const answer = await dynamicClientRegistrationRequest(server, asked, reaching(server, fetch));
  try {
    const registered = await processDynamicClientRegistrationResponse(answer);
    const { client_id, client_secret = null, token_endpoint_auth_method } = registered;
    return OAuthClient.parse({
      origin: "registered",
      client_id,
      client_secret,
      auth_method: token_endpoint_auth_method ?? (client_secret === null ? "none" : method),
      redirect_uri: redirectUri,
      secret_expires_at: registered.client_secret_expires_at ?? 0,
    });
  } catch (cause) {
    throw new McpFailure("Its sign-in server does not register us.", { alive: true, cause });
  }
}

/** @returns how the library reaches a server; plain http was judged already, and is for the loopback. */
export function reaching({ token_endpoint }: SignInServer, fetch: GuardedFetch) {
  return { [customFetch]: fetch, [allowInsecureRequests]: token_endpoint.startsWith("http:") };
}

/** What a server takes that says nothing (RFC 8414, section 2). */
function secretMethod({ token_endpoint_auth_methods_supported: methods }: SignInServer) {
  const isBasic = methods?.includes("client_secret_basic") ?? true;
  return isBasic ? "client_secret_basic" : "client_secret_post";
}

function unregistered({ issuer }: SignInServer, { redirectUri }: OwnAddresses): ApexError {
  const message = `${issuer} registers nobody by itself: register Apex Edge there, with the redirect address ${redirectUri}, and give the client id`;
  return new ApexError("invalid_fields", `${message}.`, {
    errors: [{ field: "client_id", message }],
  });
}
