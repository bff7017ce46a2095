/** A protected MCP server with where one signs in to it, and a person's browser that goes there and back. */
import { McpServerHealth, McpSignInStarted } from "../../../src/protocol/mcp-servers.ts";
import { Problem } from "../../../src/protocol/problem.ts";
import type { Person } from "../../e2e/person.ts";
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from "../../mcp-server/authorization-server.ts";
import { type ScriptedMcpServer, startMcpServer } from "../../mcp-server/main.ts";

export interface Protected {
  readonly remote: ScriptedMcpServer;
  readonly authority: AuthorizationServer;
  close(): Promise<unknown>;
}

/** @param metadata what the server's own metadata says otherwise than it should. */
export async function startProtected(metadata: object = {}): Promise<Protected> {
  const [remote, authority] = await Promise.all([startMcpServer(), startAuthorizationServer()]);
  const { origin } = new URL(remote.url);
  const place = `${origin}/.well-known/oauth-protected-resource/mcp`;
  remote.protection = {
    accepts: authority.accepts,
    challenge: `Bearer resource_metadata="${place}", scope="tools"`,
    metadata: { resource: remote.url, authorization_servers: [authority.issuer], ...metadata },
  };
  return { remote, authority, close: () => Promise.all([remote.close(), authority.close()]) };
}

/** What a browser has when it is sent back to us, and what it says there. */
export interface Way {
  readonly cookie: string;
  readonly back: URL;
}

/** Begins to sign in. @returns the answer as it came. */
export function begin(person: Person, id: string, body: object = {}): Promise<Response> {
  return person.request("POST", `/api/mcp/servers/${id}/sign-in`, body);
}

/** Begins to sign in, and goes to the authorization server. @returns with what it comes back. */
export async function goThere(person: Person, id: string, body: object = {}): Promise<Way> {
  const answer = await begin(person, id, body);
  if (answer.status !== 200) throw new Error(`Sign-in did not begin: ${await answer.text()}`);
  const { authorization_url } = McpSignInStarted.parse(await answer.json());
  const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
  const asked = await fetch(authorization_url, { redirect: "manual" });
  return { cookie, back: new URL(asked.headers.get("location") ?? "") };
}

/** Comes back, as a program does that wants no page. */
export function comeBack({ cookie, back }: Way): Promise<Response> {
  return fetch(back, { redirect: "manual", headers: { cookie } });
}

/** Signs in from beginning to end. @returns the server as it is then. */
export async function signIn(
  person: Person,
  id: string,
  body: object = {},
): Promise<McpServerHealth> {
  const answer = await comeBack(await goThere(person, id, body));
  if (answer.status !== 302) throw new Error(`Sign-in did not end: ${await answer.text()}`);
  return await told(person, id);
}

/** @returns the server as its owner is told of it. */
export async function told(person: Person, id: string): Promise<McpServerHealth> {
  return McpServerHealth.parse(
    await (await person.request("GET", `/api/mcp/servers/${id}`)).json(),
  );
}

/** Has the server asked anew. @returns it as it is then. */
export async function checked(person: Person, id: string): Promise<McpServerHealth> {
  const answer = await person.request("POST", `/api/mcp/servers/${id}/check`);
  return McpServerHealth.parse(await answer.json());
}

/** @returns code and detail of a problem. */
export async function problemIn(answer: Response) {
  const { code, detail, errors } = Problem.parse(await answer.json());
  return { status: answer.status, code, detail, errors };
}
