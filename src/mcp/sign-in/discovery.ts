/**
 * Finds the authorization server of an MCP server by RFC 9728, then its metadata by RFC 8414 or OpenID Connect
 * Discovery.
 */
import { processDiscoveryResponse } from "oauth4webapi";
import * as z from "zod";
import { judgedAddress } from "../address.ts";
import { type Challenge, McpFailure } from "../failure.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import { type Authority, SignInServer } from "./kept.ts";

const ResourceMetadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()).min(1),
  scopes_supported: z.array(z.string()).optional(),
});
type ResourceMetadata = z.infer<typeof ResourceMetadata>;

const S256 = z.object({ code_challenge_methods_supported: z.array(z.string()) });

/** The most scopes that are asked for, in characters. */
const MAX_SCOPE = 2_048;

interface Place {
  readonly fetch: GuardedFetch;
  readonly isDevelopment: boolean;
}

/**
 * @param address of the MCP server.
 * @throws {McpFailure} naming what is missing or not acceptable.
 */
export async function discoverAuthority(
  address: URL,
  challenge: Challenge,
  place: Place,
): Promise<Authority> {
  const metadata = await readResource(address, challenge, place.fetch);
  const resource = URL.parse(metadata.resource);
  if (resource === null || !covers(resource, address)) {
    throw new McpFailure("What it tells of signing in is about another server.");
  }
  const [issuer = ""] = metadata.authorization_servers;
  const server = await readServer(judged(issuer, place), place);
  const scope = scopeOf(challenge, metadata, server);
  return { address: address.href, server, resource: metadata.resource, scope };
}

/**
 * The server names the address of its metadata; otherwise the well-known addresses are tried, with its path and
 * without.
 */
async function readResource(
  address: URL,
  { resourceMetadata }: Challenge,
  fetch: GuardedFetch,
): Promise<ResourceMetadata> {
  const wellKnown = "/.well-known/oauth-protected-resource";
  const places =
    resourceMetadata === null
      ? [wellKnown + withoutSlash(address.pathname), wellKnown].map(
          (path) => new URL(path, address).href,
        )
      : [resourceMetadata];
  for (const each of places) {
    const answer = await fetch(each, { headers: { accept: "application/json" } });
    if (answer.status !== 200) continue;
    const read = ResourceMetadata.safeParse(await json(answer));
    if (read.success) return read.data;
  }
  throw new McpFailure("It asks to be signed in to, and does not say where.");
}

/** Tries the addresses of RFC 8414 and of OpenID Connect Discovery, in the order that MCP prescribes. */
async function readServer(issuer: URL, place: Place): Promise<SignInServer> {
  const path = withoutSlash(issuer.pathname);
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ];
  for (const each of new Set(places.map((path) => new URL(path, issuer).href))) {
    const answer = await place.fetch(each, { headers: { accept: "application/json" } });
    if (answer.status !== 200) continue;
    return believed(await processDiscoveryResponse(issuer, answer).catch(unusable), place);
  }
  throw new McpFailure("Its sign-in server does not describe itself.");
}

/** @throws {McpFailure} if a sign-in at this server would not be safe. */
function believed(metadata: unknown, place: Place): SignInServer {
  const server = SignInServer.safeParse(metadata);
  if (!server.success) return unusable(server.error);
  const methods = S256.safeParse(metadata);
  if (!methods.success || !methods.data.code_challenge_methods_supported.includes("S256")) {
    throw new McpFailure("Its sign-in server does not offer PKCE with S256, so it is not used.");
  }
  const { authorization_endpoint, token_endpoint, registration_endpoint, revocation_endpoint } =
    server.data;
  const endpoints = [
    authorization_endpoint,
    token_endpoint,
    registration_endpoint,
    revocation_endpoint,
  ];
  for (const endpoint of endpoints) if (endpoint !== undefined) judged(endpoint, place);
  return server.data;
}

/**
 * The scopes that the server asked for, or else all it has, and `offline_access` if it exists, to get a refresh
 * token.
 */
function scopeOf(
  challenge: Challenge,
  { scopes_supported }: ResourceMetadata,
  server: SignInServer,
): string | null {
  const asked = challenge.scope ?? scopes_supported?.join(" ") ?? "";
  const offline = "offline_access";
  const renewable = server.scopes_supported?.includes(offline) ? offline : "";
  const scopes = new Set(`${asked} ${renewable}`.split(" ").filter((scope) => scope !== ""));
  const scope = [...scopes].join(" ");
  if (scope.length > MAX_SCOPE) throw new McpFailure("It asks for more scopes than can be asked.");
  return scope === "" ? null : scope;
}

/** Metadata may describe everything below the address it names, but never another origin. */
function covers(resource: URL, { origin, pathname }: URL): boolean {
  const below = `${withoutSlash(resource.pathname)}/`;
  return resource.origin === origin && `${withoutSlash(pathname)}/`.startsWith(below);
}

function judged(url: string, { isDevelopment }: Place): URL {
  return judgedAddress(url, isDevelopment, "sign_in_address_refused");
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, "");
}

async function json(answer: Response): Promise<unknown> {
  return await answer.json().catch(() => null);
}

function unusable(cause: unknown): never {
  throw new McpFailure("What its sign-in server tells of itself can't be used.", { cause });
}
