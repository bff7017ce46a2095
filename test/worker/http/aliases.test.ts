/** The paths that a person would guess: each answers as the one that stands, and is told of in the document. */
import { describe, expect, it } from "vitest";
import { ALIASES, aliasesOf, standingPath } from "../../../src/http/aliases.ts";
import { readDocument } from "../../hostile/operations.ts";
import { ask, ORIGIN } from "./ask.ts";
import { somebody } from "./somebody.ts";

const { operations } = await readDocument(ask);
const paths = new Set(operations.map(({ path }) => path));

describe("every alias", () => {
  it.each(ALIASES.map((alias) => [`${alias.method ?? "*"} ${alias.path}`, alias] as const))(
    "%s leads to a path of the document, and hides none",
    (_, { method, path, to }) => {
      const [name, target] = [path, to].map((each) => each.replace(/\/\*$/, ""));
      const fits = [...paths].some((known) => asPattern(known).test(String(target)));
      const hidden = operations.filter(
        (operation) =>
          operation.path === name && (method === undefined || operation.method === method),
      );

      expect([target, fits || target === "/openapi.json"]).toEqual([target, true]);
      expect(hidden.map((operation) => operation.name)).toEqual([]);
    },
  );
});

it("an alias is the same route: the same answer, to a read and to what it refuses", async () => {
  const { access_token: token } = await somebody();
  const pairs = [
    ["/api/me", "/api/auth/me"],
    ["/api/conversations?limit=3", "/api/threads?limit=3"],
    ["/api/limits", "/api/account/limits"],
    ["/api/api-keys", "/api/keys"],
  ] as const;
  for (const [alias, path] of pairs) {
    const [one, other] = [await ask(alias, { token }), await ask(path, { token })];
    expect([alias, one.status]).toEqual([alias, 200]);
    if (alias !== "/api/limits") expect(await one.text()).toBe(await other.text());
    expect((await ask(alias)).status).toBe(401);
  }
  const made = await ask("/api/conversations", { token, body: {} });
  const { id } = Object(await made.json());
  expect((await ask(`/api/conversations/${id}/history`, { token })).status).toBe(200);
});

it.each([
  ["POST", "/api/agents/triage", "/api/agents/triage/execute"],
  ["GET", "/api/agents/triage", "/api/agents/triage"],
  ["POST", "/api/agents/execute", "/api/agents/execute"],
  ["POST", "/api/runs/x/stop", "/api/runs/x/cancel"],
  ["HEAD", "/api/history", "/api/messages"],
  ["POST", "/api/chat/start", "/api/agents/execute"],
  ["GET", "/api/chat/status", "/api/runs"],
  ["GET", "/api/threads/search", "/api/search"],
  ["GET", "/api/conversations/search", "/api/search"],
  ["GET", "/api/account", "/api/auth/me"],
  ["PATCH", "/api/me", "/api/auth/me"],
  ["DELETE", "/api/me", "/api/account"],
  ["DELETE", "/api/account", "/api/account"],
  ["GET", "/api/conversationsx", "/api/conversationsx"],
  ["GET", "/conversations", "/conversations"],
])("%s %s is routed as %s", (method, path, standing) => {
  expect(standingPath(new Request(`${ORIGIN}${path}`, { method }))).toBe(standing);
});

it("the document tells of an operation's other names", () => {
  expect(aliasesOf("POST", "/api/threads/{id}/fork")).toEqual([
    "/api/conversations/{id}/fork",
    "/api/chats/{id}/fork",
  ]);
  expect(aliasesOf("GET", "/api/agents/execute")).toEqual([]);
});

function asPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, "(?:\\{\\w+\\}|[\\w-]+)")}$`);
}
