/** Where one signs in to a server, and as whom we ask there: what is asked, in which order, and what is believed. */
import { describe, expect, test } from "vitest";
import type { Challenge } from "../../../src/mcp/failure.ts";
import { discoverAuthority } from "../../../src/mcp/sign-in/discovery.ts";
import { guardedFetch } from "../../../src/mcp/sign-in/guarded-fetch.ts";
import type { SignInServer } from "../../../src/mcp/sign-in/kept.ts";
import { clientFor } from "../../../src/mcp/sign-in/registration.ts";
import { ApexError } from "../../../src/protocol/errors.ts";

const MCP = "https://mcp.example.com/team/mcp";
const ISSUER = "https://auth.example.com/tenant";
const SILENT: Challenge = { resourceMetadata: null, scope: null };
const RESOURCE = { resource: MCP, authorization_servers: [ISSUER], scopes_supported: ["read"] };
const SERVER = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  code_challenge_methods_supported: ["S256"],
};
const AT_RESOURCE = "https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp";
const AT_ISSUER = "https://auth.example.com/.well-known/oauth-authorization-server/tenant";

/** @returns what was asked, and a `fetch` that finds these documents alone. */
function documents(known: Readonly<Record<string, object>>) {
  const asked: string[] = [];
  const fetch = guardedFetch({
    isDevelopment: false,
    fetch: async ({ url }) => {
      asked.push(url);
      const found = known[url];
      return found ? Response.json(found) : new Response("No.", { status: 404 });
    },
  });
  const discover = (challenge = SILENT) =>
    discoverAuthority(new URL(MCP), challenge, { fetch, isDevelopment: false });
  return { asked, discover };
}

describe("Where one signs in", () => {
  test("is asked where the server says; it says for what, too", async () => {
    const place = "https://mcp.example.com/about";
    const { asked, discover } = documents({ [place]: RESOURCE, [AT_ISSUER]: SERVER });
    const authority = await discover({ resourceMetadata: place, scope: "write" });
    expect(asked).toEqual([place, AT_ISSUER]);
    expect(authority).toMatchObject({ resource: MCP, scope: "write", server: { issuer: ISSUER } });
  });

  test.each([
    ["below the server's own path", AT_RESOURCE, MCP],
    [
      "at the root of its host",
      "https://mcp.example.com/.well-known/oauth-protected-resource",
      "https://mcp.example.com",
    ],
  ])("is looked for %s where it does not say", async (_name, place, resource) => {
    const { discover } = documents({ [place]: { ...RESOURCE, resource }, [AT_ISSUER]: SERVER });
    expect(await discover()).toMatchObject({ resource, scope: "read" });
  });

  test.each([
    AT_ISSUER,
    "https://auth.example.com/.well-known/openid-configuration/tenant",
    "https://auth.example.com/tenant/.well-known/openid-configuration",
  ])("describes itself at %s", async (place) => {
    const { discover } = documents({ [AT_RESOURCE]: RESOURCE, [place]: SERVER });
    expect(await discover()).toMatchObject({ server: { token_endpoint: `${ISSUER}/token` } });
  });

  test("is asked for leave to renew where that is a scope of its", async () => {
    const server = { ...SERVER, scopes_supported: ["offline_access", "other"] };
    const { discover } = documents({ [AT_RESOURCE]: RESOURCE, [AT_ISSUER]: server });
    expect(await discover()).toMatchObject({ scope: "read offline_access" });
  });

  test.each([
    "https://mcp.example.com/team/mcp/below",
    "https://mcp.example.com/tea",
    "https://mcp.example.com:8443/team/mcp",
    "http://mcp.example.com/team/mcp",
  ])("is not believed of %s, which is another server", async (resource) => {
    const { discover } = documents({ [AT_RESOURCE]: { ...RESOURCE, resource } });
    await expect(discover()).rejects.toThrow("about another server");
  });
});

describe("As whom we ask", () => {
  const OWN = {
    redirectUri: "https://apex.test/api/mcp/sign-in/callback",
    clientDocument: "https://apex.test/api/mcp/sign-in/client",
  };
  const sent: unknown[] = [];
  const registering = (told: object) =>
    guardedFetch({
      isDevelopment: false,
      fetch: async (request) => {
        sent.push(await request.json());
        return Response.json(told, { status: 201 });
      },
    });
  const server: SignInServer = SERVER;
  const REGISTERS = { ...server, registration_endpoint: `${ISSUER}/register` };

  test("is what the user gave, before anything else", async () => {
    const given = { client_id: "mine", client_secret: "s" };
    expect(await clientFor(REGISTERS, given, OWN, registering({}))).toMatchObject({
      ...given,
      origin: "given",
      auth_method: "client_secret_basic",
    });
  });

  test("is our document where the server takes one, and we are there for it", async () => {
    const takes = { ...REGISTERS, client_id_metadata_document_supported: true };
    expect(await clientFor(takes, null, OWN, registering({}))).toMatchObject({
      origin: "document",
      client_id: OWN.clientDocument,
      auth_method: "none",
    });
    const local = { ...OWN, clientDocument: "http://127.0.0.1/api/mcp/sign-in/client" };
    const registered = registering({ client_id: "new" });
    expect(await clientFor(takes, null, local, registered)).toMatchObject({ client_id: "new" });
  });

  test("is registered anew otherwise, with a secret where the server gives one", async () => {
    const told = { client_id: "new", client_secret: "theirs", client_secret_expires_at: 0 };
    const client = await clientFor(REGISTERS, null, OWN, registering(told));
    expect(client).toMatchObject({ client_secret: "theirs", auth_method: "client_secret_basic" });
    expect(sent.at(-1)).toMatchObject({
      redirect_uris: [OWN.redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
    });
  });

  test("has to be said by the user where nothing else is left", async () => {
    const refused = await clientFor(server, null, OWN, registering({})).catch(ApexError.from);
    expect(refused).toMatchObject({ code: "invalid_fields", errors: [{ field: "client_id" }] });
  });
});
