/** Every kind of secret the product makes, sent wherever a request can hold one: no end of one is in a log line. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { Credentials, Ticket } from "../../../src/protocol/api.ts";
import { CreatedThreadShare } from "../../../src/protocol/sharing.ts";
import { CreatedWebhook } from "../../../src/protocol/webhooks.ts";
import { answerMcp, ECHO } from "../../mcp-server/answer.ts";
import { beginThread, clientOf } from "../thread/conversation.ts";
import { makeKey } from "./api-key.ts";
import { type Asked, ask } from "./ask.ts";
import { ACCESS, Browser, CSRF, REFRESH } from "./browser.ts";
import { FakeProvider } from "./fake-provider.ts";
import { SignInBrowser } from "./sign-in-browser.ts";
import { accept, foundTeam, invite } from "./team.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const LEVELS = ["debug", "log", "info", "warn", "error", "trace"] as const;
/** The end of a secret that tells enough of it to be one, in characters. */
const TELLING = 8;

const logged: string[] = [];
const provider = new FakeProvider("https://idp-of-secrets.example.com");
const providers = { OIDC_PROVIDERS: JSON.stringify([provider.settings]) };
let secrets: Readonly<Record<string, string>>;
/** Whose requests come as far as the routes. */
let token: string;

beforeAll(async () => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(provider.issuer)) return provider.answer(request);
    const told = request.method === "POST" ? answerMcp(await request.json(), [ECHO]) : null;
    return told === null ? new Response(null, { status: 202 }) : Response.json(told);
  });
  for (const level of LEVELS) {
    vi.spyOn(console, level).mockImplementation((...line) => {
      logged.push(line.map(textOf).join(" "));
    });
  }
  secrets = await makeSecrets();
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** An error's message and stack are in what a console shows of it. */
function textOf(part: unknown): string {
  if (part instanceof Error) return `${part.stack} ${textOf(part.cause)}`;
  return typeof part === "string" ? part : (JSON.stringify(part) ?? "");
}

/** @returns one of each, each made by the product or given to it, and used with success where it counts. */
async function makeSecrets(): Promise<Record<string, string>> {
  const password = `pw-${newId()}`;
  const email = `${newId()}@example.com`;
  const registered = await ask("/api/auth/register", { body: { email, password } });
  const { access_token: access, refresh_token: refresh } = Credentials.parse(
    await registered.json(),
  );
  await succeed("/api/auth/login", { body: { email, password } });
  await succeed("/api/threads", { token: access });

  const admin = await foundTeam();
  token = admin.access_token;
  const { key: apiKey } = await makeKey(admin, ["threads:read"]);
  await succeed("/api/threads", { token: apiKey });

  const browser = await Browser.signedIn(`${newId()}@example.com`);
  expect((await browser.ask("/api/threads", { body: {} })).status).toBe(201);

  const thread = await beginThread(admin);
  const { ticket } = Ticket.parse(await (await thread.ask("/ticket", { method: "POST" })).json());
  const upgrade = { headers: { upgrade: "websocket" } };
  clientOf(await ask(`${thread.path}/socket?ticket=${ticket}`, upgrade)).close();
  const shared = await thread.ask("/share", { method: "POST" });
  const { token: share } = CreatedThreadShare.parse(await shared.json());
  await succeed(`/api/shared/${share}`);

  const guest = await Browser.signedIn(`${newId()}@example.com`);
  const invited = Credentials.shape.user.parse(await (await guest.ask("/api/auth/me")).json());
  const { token: invitation } = await invite(admin, invited.email);
  const joined = { ...admin, access_token: guest.cookie(ACCESS) };
  expect((await accept(joined, invitation)).status).toBe(200);

  const hook = { token, body: { url: "https://example.com/hooks" } };
  const { secret: webhook } = CreatedWebhook.parse(
    await (await succeed("/api/webhooks", hook)).json(),
  );
  const mcp = `bearer-${newId()}`;
  const server = { name: "files", url: "https://mcp.example.com/mcp", secret: mcp };
  await succeed("/api/mcp/servers", { token, body: server });

  const signingIn = new SignInBrowser(providers);
  const back = provider.consent(await signingIn.follow("/api/auth/oauth/fake/start"));
  const attempt = [...signingIn.cookies.values()].join("");
  await signingIn.follow(back);
  expect(signingIn.isSignedIn).toBe(true);

  return {
    ...{ password, access, refresh, apiKey, ticket, share, invitation, webhook, mcp, attempt },
    cookie: browser.cookie(ACCESS),
    refreshCookie: browser.cookie(REFRESH),
    csrf: browser.cookie(CSRF),
    code: back.searchParams.get("code") ?? "",
    state: back.searchParams.get("state") ?? "",
  };
}

async function succeed(path: string, asked: Asked = {}): Promise<Response> {
  const response = await ask(path, asked);
  expect([path, response.ok]).toEqual([path, true]);
  return response;
}

/** @returns requests that hold a secret: in its own place of one kind or another, or in a wrong one. */
function requestsWith(secret: string): [string, Asked][] {
  const own = { token };
  const inHeader = (name: string, value = secret): [string, Asked] => [
    "/api/threads",
    { ...own, headers: { [name]: value } },
  ];
  const upgrade = { upgrade: "websocket" };
  return [
    ["/api/threads", { token: secret }],
    ["/mcp", { token: secret, body: { jsonrpc: "2.0", id: 1, method: "ping" } }],
    inHeader("authorization", `Basic ${secret}`),
    inHeader("authorization", secret),
    inHeader("x-csrf-token"),
    inHeader("x-api-key"),
    inHeader("idempotency-key"),
    inHeader("if-none-match"),
    inHeader("user-agent"),
    inHeader("origin", `https://${secret}.example.com`),
    ["/api/threads", { headers: { cookie: `${ACCESS}=${secret}; ${CSRF}=${secret}` } }],
    ["/api/auth/refresh", { body: {}, headers: { cookie: `${REFRESH}=${secret}` } }],
    [`/api/threads?cursor=${secret}`, own],
    [`/api/search?q=${secret}`, own],
    [`/api/messages?thread_id=${secret}&token=${secret}`, own],
    [`/ws?ticket=${secret}`, { headers: upgrade }],
    ["/ws", { headers: { ...upgrade, "sec-websocket-protocol": `apex-edge, bearer.${secret}` } }],
    [`/api/auth/oauth/fake/callback?code=${secret}&state=${secret}`, {}],
    [`/api/mcp/sign-in/callback?code=${secret}&state=${secret}`, {}],
    [`/api/shared/${secret}`, {}],
    [`/api/threads/${secret}`, own],
    [`/api/tools/${secret}/execute`, { ...own, body: { arguments: { token: secret } } }],
    [`/nowhere/${secret}`, own],
    ["/api/threads", { ...own, body: { title: secret, metadata: { note: secret } } }],
    ["/api/threads", { ...own, body: `{"title": "${secret}"` }],
    ["/api/threads", { ...own, body: { [secret]: secret } }],
    ["/api/auth/login", { body: { email: `${secret}@example.com`, password: secret } }],
    ["/api/auth/refresh", { body: { refresh_token: secret } }],
    ["/api/organization/invitations/accept", { ...own, body: { token: secret } }],
    ["/v1/chat/completions", { ...own, body: { model: secret, messages: [] } }],
  ];
}

/** @returns bindings that fail, each saying the secret as foreign errors say what they were given. */
function broken(secret: string): object[] {
  const refuse = () => Promise.reject(new Error(`it failed with ${secret}`));
  const statement = { bind: () => statement, all: refuse, first: refuse, raw: refuse, run: refuse };
  const getByName = () => {
    throw new Error(`no object for ${secret}`);
  };
  return [
    { DB: { prepare: () => statement, batch: refuse } },
    { REQUEST_LIMIT: { limit: refuse }, ACCOUNTS: { getByName } },
  ];
}

it("each secret is one that was made, and none is another", () => {
  expect(Object.values(secrets).filter((secret) => secret.length < 20)).toEqual([]);
  expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length);
});

it("no end of one is in any line, wherever it was sent, and whether the request failed or not", async () => {
  const answered = new Set<number>();
  for (const secret of Object.values(secrets)) {
    for (const bindings of [providers, ...broken(secret)]) {
      for (const [path, asked] of requestsWith(secret)) {
        const response = await ask(path, { ...asked, bindings: { ...providers, ...bindings } });
        await response.body?.cancel();
        response.webSocket?.accept();
        response.webSocket?.close();
        answered.add(response.status);
      }
    }
  }
  // Both what went well and what failed in every way was among them.
  expect([...answered]).toEqual(expect.arrayContaining([200, 201, 400, 401, 404, 422, 503]));
  expect(logged.length).toBeGreaterThan(Object.keys(secrets).length);
  expect(logged.join("\n")).toContain('"event":"request_failed"');
  expect(foundIn(logged.join("\n"))).toEqual([]);
});

it("an end of one would have been found", () => {
  for (const [name, secret] of Object.entries(secrets)) {
    expect(foundIn(`{"token":"…${secret.slice(-TELLING)}"}`)).toEqual([name]);
  }
});

/** @returns the names of the secrets whose ends are in a text. */
function foundIn(text: string): string[] {
  const found = Object.entries(secrets).filter(([, secret]) =>
    text.includes(secret.slice(-TELLING)),
  );
  return found.map(([name]) => name);
}
