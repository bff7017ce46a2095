/** The operations that answer well only after something else was done: each is called in its own scene, and answers as the document says. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { newId } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { McpServerHealth } from "../../../src/protocol/mcp-servers.ts";
import { Invitation } from "../../../src/protocol/organization.ts";
import { ImportReceipt } from "../../../src/protocol/usage.ts";
import { CreatedWebhook, WebhookDeliveries } from "../../../src/protocol/webhooks.ts";
import { d1UsageStore } from "../../../src/usage/d1-store.ts";
import { loadSampleRecords } from "../../../src/usage/load-sample.ts";
import { readDocument } from "../../hostile/operations.ts";
import { parserOf } from "../../hostile/schemas.ts";
import { answerMcp, ECHO } from "../../mcp-server/answer.ts";
import { ask } from "../http/ask.ts";
import { lines, NDJSON, series } from "../http/sent-usage.ts";
import { somebody } from "../http/somebody.ts";
import { accept, foundTeam, invite } from "../http/team.ts";
import "../setup/recorded-answer.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

const { operations, schemas } = await readDocument(ask);

let model: HeldModel;
beforeEach(async () => {
  model = await holdModel();
});
beforeAll(async () => {
  await loadSampleRecords(d1UsageStore(env.DB), { endsAt: Date.now(), scale: 0.005 });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everybody out there: a receiver of webhooks, an MCP server that may want a sign-in, and where one signs in. */
function outside(isProtected = false): void {
  const issuer = "https://auth.example.com";
  const told: Record<string, object> = {
    "https://mcp.example.com/.well-known/oauth-protected-resource/mcp": {
      resource: "https://mcp.example.com/mcp",
      authorization_servers: [issuer],
    },
    [`${issuer}/.well-known/oauth-authorization-server`]: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      code_challenge_methods_supported: ["S256"],
      client_id_metadata_document_supported: true,
    },
  };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const document = told[request.url];
    if (document) return Response.json(document);
    if (!request.url.startsWith("https://mcp.")) return new Response(null, { status: 204 });
    if (isProtected) return new Response(null, { status: 401 });
    const answer = request.method === "POST" ? answerMcp(await request.json(), [ECHO]) : null;
    return answer === null ? new Response(null, { status: 202 }) : Response.json(answer);
  });
}

const asked = (person: Credentials, path: string, method = "GET", body?: unknown) =>
  ask(path, { token: person.access_token, method, body });

async function serverOf(person: Credentials): Promise<string> {
  const body = { name: "docs", url: "https://mcp.example.com/mcp" };
  return McpServerHealth.parse(await (await asked(person, "/api/mcp/servers", "POST", body)).json())
    .id;
}

async function hookOf(person: Credentials): Promise<string> {
  outside();
  const body = { url: "https://hooks.example.com/apex" };
  const { id } = CreatedWebhook.parse(
    await (await asked(person, "/api/webhooks", "POST", body)).json(),
  );
  return id;
}

/** @returns a hook that was tried, and what was sent to it. */
async function delivered(person: Credentials) {
  const hook = await hookOf(person);
  await asked(person, `/api/webhooks/${hook}/test`, "POST");
  const list = `/api/webhooks/${hook}/deliveries`;
  const { data } = WebhookDeliveries.parse(await (await asked(person, list)).json());
  return { list, delivery: data[0]?.id };
}

async function operator(): Promise<Credentials> {
  const body = { email: `${newId()}@example.com`, permissions: ["operator"] };
  return Credentials.parse(await (await ask("/api/auth/dev-login", { body })).json());
}

/** @returns a run that waits for its user's word. */
async function waiting(): Promise<{ thread: Conversation; runId: string }> {
  const thread = await beginThread();
  const client = await thread.connect();
  const words = `publish ${newId()}`;
  const { run_id: runId } = await client.say(words);
  const turn = await model.turn(words);
  turn.call("publish_report", {});
  turn.end();
  await client.frame("approval_requested", ({ context }) => context.run_id === runId);
  return { thread, runId };
}

/** @returns a run that looked at the use and at its cost, of which there is a report. */
async function reported(): Promise<{ thread: Conversation; runId: string }> {
  const thread = await beginThread();
  const client = await thread.connect();
  const words = `an overview ${newId()}`;
  const { run_id: runId } = await client.say(words);
  const first = await model.turn(words);
  first.call("usage_summary", {});
  first.end();
  const second = await model.turn(words, 2);
  second.call("cost_breakdown", { dimensions: ["feature"] });
  second.end();
  (await model.turn(words, 3)).end("That is all.");
  await client.completed(runId);
  client.close();
  return { thread, runId };
}

const importing = (person: Credentials) =>
  ask("/api/usage/imports", {
    token: person.access_token,
    body: lines(series(3)),
    headers: NDJSON,
  });

/** Each operation, and how it comes to a good answer. */
const SCENES: Readonly<Record<string, () => Promise<Response>>> = {
  "POST /api/auth/refresh": async () => {
    const { refresh_token } = await somebody();
    return await ask("/api/auth/refresh", { body: { refresh_token } });
  },
  "POST /api/organization": async () =>
    asked(await somebody(), "/api/organization", "POST", { name: "Platform" }),
  "GET /api/organization/members": async () =>
    asked(await foundTeam(), "/api/organization/members"),
  "POST /api/organization/invitations": async () => {
    const body = { email: "grace@example.com", role: "member" };
    return await asked(await foundTeam(), "/api/organization/invitations", "POST", body);
  },
  "POST /api/organization/invitations/accept": async () => {
    const newcomer = await somebody();
    const { token } = Invitation.parse(await invite(await foundTeam(), newcomer.user.email));
    return await accept(newcomer, token ?? "");
  },
  "POST /api/runs/{id}/approvals/{call_id}": async () => {
    const { thread, runId } = await waiting();
    const path = `/api/runs/${runId}/approvals/call-1`;
    return await asked(thread.owner, path, "POST", { decision: "rejected" });
  },
  "GET /api/ai-sdk/chat/{id}/stream": async () => {
    const { thread } = await waiting();
    return await asked(thread.owner, `/api/ai-sdk/chat/${thread.threadId}/stream`);
  },
  "GET /api/runs/{id}/report": async () => {
    const { thread, runId } = await reported();
    return await asked(thread.owner, `/api/runs/${runId}/report`);
  },
  "DELETE /api/account": async () => {
    const person = await somebody();
    return await asked(person, "/api/account", "DELETE", { email: person.user.email });
  },
  "GET /api/operator/audit/{user_id}": async () => {
    const { user } = await foundTeam();
    return await asked(await operator(), `/api/operator/audit/${user.id}`);
  },
  "GET /api/operator/threads/{user_id}/{thread_id}/dead-letters": async () =>
    asked(await operator(), `${await lettersOf()}`),
  "POST /api/operator/threads/{user_id}/{thread_id}/dead-letters/replay": async () =>
    asked(await operator(), `${await lettersOf()}/replay`, "POST"),
  "POST /api/operator/threads/{user_id}/{thread_id}/restore": async () =>
    asked(await operator(), `${operatedOn((await reported()).thread)}/restore`, "POST"),
  "POST /api/usage/imports": async () => await importing(await somebody()),
  "GET /api/usage/imports": async () => {
    const person = await somebody();
    await importing(person);
    return await asked(person, "/api/usage/imports");
  },
  "GET /api/usage/imports/{id}": async () => {
    const person = await somebody();
    const { import: made } = ImportReceipt.parse(await (await importing(person)).json());
    return await asked(person, `/api/usage/imports/${made.id}`);
  },
  "GET /api/webhooks/{id}/deliveries": async () => {
    const person = await somebody();
    return await asked(person, (await delivered(person)).list);
  },
  "POST /api/webhooks/{id}/test": async () => {
    const person = await somebody();
    return await asked(person, `/api/webhooks/${await hookOf(person)}/test`, "POST");
  },
  "POST /api/webhooks/{id}/deliveries/{delivery_id}/replay": async () => {
    const person = await somebody();
    const { list, delivery } = await delivered(person);
    return await asked(person, `${list}/${delivery}/replay`, "POST");
  },
  "POST /api/mcp/servers/{id}/check": async () => {
    outside();
    const person = await somebody();
    return await asked(person, `/api/mcp/servers/${await serverOf(person)}/check`, "POST");
  },
  "POST /api/mcp/servers/{id}/sign-in": async () => {
    outside(true);
    const person = await somebody();
    return await asked(person, `/api/mcp/servers/${await serverOf(person)}/sign-in`, "POST", {});
  },
  "DELETE /api/mcp/servers/{id}/sign-in": async () => {
    outside(true);
    const person = await somebody();
    return await asked(person, `/api/mcp/servers/${await serverOf(person)}/sign-in`, "DELETE");
  },
  "POST /mcp": async () => {
    const clientInfo = { name: "a-client", version: "1.0.0" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    return await ask("/mcp", {
      token: (await somebody()).access_token,
      headers: { accept: "application/json, text/event-stream" },
      body: { jsonrpc: "2.0", id: 1, method: "initialize", params },
    });
  },
};

const operatedOn = ({ owner, threadId }: Conversation) =>
  `/api/operator/threads/${owner.user.id}/${threadId}`;

async function lettersOf(): Promise<string> {
  return `${operatedOn(await beginThread())}/dead-letters`;
}

it.for(Object.entries(SCENES))("%s", async ([name, scene], { task }) => {
  const response = await scene();
  const { status } = response;
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  const text = await begun(response, type);
  expect([status < 300, text]).toEqual([true, text]);
  const operation = operations.find((each) => each.name === name);
  const told = operation?.responses[String(status)]?.content?.[type];
  expect([status, type, told !== undefined]).toEqual([status, type, true]);
  if (type === "application/json") parserOf(told?.schema ?? {}, schemas).parse(JSON.parse(text));
  task.meta.answer = { operation: name, status, type, text };
});

/** @returns the text of an answer; of a stream, which may not end, what came at first. */
async function begun(response: Response, type: string): Promise<string> {
  if (type !== "text/event-stream") return await response.text();
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(z.instanceof(Uint8Array).parse(value));
}
