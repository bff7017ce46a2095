/** The OpenAPI document as a contract: every operation is called as it says, with its own example, and answers as it says. */
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { CreatedThreadShare } from "../../../src/protocol/sharing.ts";
import { isSocket, type Operation, pathOf, readDocument } from "../../hostile/operations.ts";
import { parserOf } from "../../hostile/schemas.ts";
import { type InsideWorld, makeWorld, signIn } from "../../hostile/world.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import "../setup/recorded-answer.ts";
import { ask } from "./ask.ts";

const { operations, schemas } = await readDocument(ask);
const Examples = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z
          .object({ content: z.record(z.string(), z.object({ example: z.unknown().optional() })) })
          .optional(),
      }),
    ),
  ),
});
const { paths } = Examples.parse(await (await ask("/openapi.json")).json());

/** @returns the example of an operation's JSON body; undefined where it has none. */
function exampleOf({ method, path }: Operation): unknown {
  const content = paths[path]?.[method.toLowerCase()]?.requestBody?.content;
  return content?.["application/json"]?.example;
}

/**
 * Operations whose example cannot do what it shows, because it names what only its reader has: a
 * password, a token, an address; they are refused as the document says.
 */
const NAMES_ANOTHERS = new Set([
  "POST /api/auth/login",
  "POST /api/auth/refresh",
  "POST /api/account/password",
  "POST /api/organization/invitations/accept",
  "POST /api/runs/{id}/approvals/{call_id}",
  "DELETE /api/account",
  "POST /api/organization",
  "POST /mcp",
]);
/** What asks for more than a request: a provider's word, a file, an operator, a server, a run that computed savings. */
const ASKS_FOR_MORE =
  /oauth|sign-in|simulated-provider|operator|metrics|organization|imports|webhooks|report|prices|check/;

let world: InsideWorld;
beforeAll(async () => {
  world = await makeWorld();
});

describe("every JSON body has an example", () => {
  const bodies = operations.filter(({ body }) => body !== null);
  it.each(bodies.map((operation): [string, Operation] => [operation.name, operation]))(
    "%s",
    (_, operation) => expect(exampleOf(operation)).toBeDefined(),
  );
});

describe("every operation answers its own example as the document says", () => {
  const rows = operations.map((operation): [string, Operation] => [operation.name, operation]);
  it.for(rows)("%s", async ([name, operation], { task }) => {
    const { status, type, text } = await call(operation);
    if (status < 300 && text !== "") task.meta.answer = { operation: name, status, type, text };
    const told = operation.responses[String(status)];

    expect([status, text, told !== undefined]).toEqual([status, text, true]);
    if (!NAMES_ANOTHERS.has(name) && !ASKS_FOR_MORE.test(name)) {
      expect([text, status < 400]).toEqual([text, true]);
    }
    const schema = told?.content?.[type]?.schema;
    if (type === "application/json") {
      expect(schema).toBeDefined();
      parserOf(schema ?? {}, schemas).parse(JSON.parse(text));
    }
  });
});

/** @returns the id of the caller's own that a path asks for, by the word before it; null for a thread's. */
function idIn(path: string, { attacker }: InsideWorld): string | null {
  const things: Readonly<Record<string, string>> = {
    runs: attacker.runId,
    responses: `resp_${attacker.runId}`,
    keys: attacker.apiKeyId,
    sessions: attacker.sessionId,
    prices: attacker.priceId,
    imports: attacker.importId,
    webhooks: attacker.webhookId,
    servers: attacker.mcpServerId,
    models: "apex-supervisor",
    agent: "supervisor",
  };
  const [, before = ""] = /([^/]+)\/\{id\}/.exec(path) ?? [];
  return things[before] ?? null;
}

/** @returns the token of a link to a thread, made for it. */
async function tokenOf(thread: Conversation): Promise<string> {
  return CreatedThreadShare.parse(await (await thread.ask("/share", { method: "POST" })).json())
    .token;
}

/** Calls an operation as somebody signed in anew, who owns what the path and the body name. */
async function call(operation: Operation) {
  const { attacker } = world;
  const credentials = await signIn(attacker.credentials.user.email);
  const thread = await beginThread(credentials);
  const { method, path } = operation;
  // A run and its messages live in the thread of the world; what ends a thread ends one of its own.
  const own = method === "DELETE" ? thread.threadId : attacker.thread.threadId;
  const kinds: Readonly<Record<string, string>> = {
    agent: "triage",
    tool: "usage_summary",
    call_id: "call-1",
    user_id: credentials.user.id,
    provider: "none",
    thread_id: own,
    id: idIn(path, world) ?? own,
    token: path.startsWith("/api/shared") ? await tokenOf(thread) : "nothing",
  };
  const query = operation.parameters.filter(
    ({ in: place, required }) => place === "query" && required,
  );
  const search = query.map(({ name }) => `${name}=hello`).join("&");
  const seconds = operation.responses["200"]?.content?.["text/event-stream"] ? "for=1" : "";
  const asked = [search, method === "GET" || path === "/api/events/stream" ? seconds : ""];
  const suffix = asked.filter((part) => part !== "").join("&");
  const example = JSON.stringify(exampleOf(operation))
    ?.replace("019aa5c2-7d10-7c3e-9f4b-2d1e8a6b5c01", thread.threadId)
    .replace("019aa5c2-7d10-7c3e-9f4b-2d1e8a6b5c02", attacker.messageId);
  const address = pathOf(operation, (name) => kinds[name] ?? "nothing");
  const response = await ask(suffix === "" ? address : `${address}?${suffix}`, {
    method,
    ...(example !== undefined && { body: example }),
    ...(operation["x-permission"] !== "anybody" && { token: credentials.access_token }),
    ...(isSocket(operation) && { headers: { upgrade: "websocket" } }),
  });
  const { status, webSocket } = response;
  webSocket?.accept();
  webSocket?.close(1000);
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  return { status, type, text: status === 101 ? "" : await response.text() };
}
