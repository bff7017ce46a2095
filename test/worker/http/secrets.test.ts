/** Nothing secret is ever logged: everything that can go wrong with a secret goes wrong, and the log is scanned. */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newShareToken } from "../../../src/auth/share-tokens.ts";
import { newId } from "../../../src/core/clock.ts";
import { Credentials, Ticket } from "../../../src/protocol/api.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { beginThread, clientOf } from "../thread/conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "../thread/held-model.ts";
import { makeKey } from "./api-key.ts";
import { ask } from "./ask.ts";
import { ACCESS } from "./browser.ts";

vi.setConfig({ testTimeout: 30_000 });

const LEVELS = ["debug", "log", "info", "warn", "error", "trace"] as const;
const MODEL_KEY = "sk-live-0123456789abcdefghijklmnop";
const WORDS = "words that are for the model alone";

const logged: string[] = [];
let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});
beforeEach(() => {
  for (const level of LEVELS) {
    vi.spyOn(console, level).mockImplementation((...line) => {
      logged.push(line.map((part) => (typeof part === "string" ? part : inspect(part))).join(" "));
    });
  }
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** An error's message and stack are in what a console shows of it. */
function inspect(value: unknown): string {
  if (value instanceof Error) return `${value.stack} ${inspect(value.cause)}`;
  return JSON.stringify(value) ?? "";
}

describe("of a user's whole day", () => {
  it("no secret is in any line that was logged", async () => {
    const password = `pw-${newId()}`;
    const email = `${newId()}@example.com`;
    const register = await ask("/api/auth/register", { body: { email, password } });
    const owner = Credentials.parse(await register.json());
    const login = await ask("/api/auth/login", { body: { email, password } });
    const second = Credentials.parse(await login.json());
    const wrong = `wrong-${newId()}`;
    await ask("/api/auth/login", { body: { email, password: wrong } });
    await ask("/api/auth/login", { body: `{"email": "${email}", "password": "${wrong}"` });
    const { refresh_token } = second;
    const refresh = await ask("/api/auth/refresh", { body: { refresh_token } });
    const third = Credentials.parse(await refresh.json());
    await ask("/api/auth/refresh", { body: { refresh_token } });

    const { key: apiKey } = await makeKey(owner, ["threads:read"]);
    const cookie = `${ACCESS}=${third.access_token}x`;
    const forged = `${owner.access_token.slice(0, -4)}AAAA`;
    for (const token of [apiKey, forged, `${forged}${forged}`]) {
      await ask("/api/threads", { token, headers: { cookie } });
    }

    const thread = await beginThread(owner);
    const issued = await thread.ask("/ticket", { method: "POST" });
    const { ticket } = Ticket.parse(await issued.json());
    const headers = { upgrade: "websocket" };
    const client = clientOf(await ask(`${thread.path}/socket?ticket=${ticket}`, { headers }));
    await ask(`${thread.path}/socket?ticket=${ticket}`, { headers });
    await ask(`${thread.path}/socket?ticket=${ticket}x`, { headers });
    await client.refused({ type: "reauthenticate", token: forged });

    const refusal = new Error(`401: Incorrect API key provided: ${MODEL_KEY}`);
    const { run_id } = await client.say(WORDS);
    const problem = new ApexError("model_rejected", "The model endpoint refused.", {
      cause: refusal,
    });
    (await model.turn(WORDS)).fail(problem);
    await client.completed(run_id);

    const boom = (text: string) => ({ limit: () => Promise.reject(new Error(text)) });
    for (const secret of [password, owner.access_token, MODEL_KEY]) {
      await ask("/api/threads", {
        token: owner.access_token,
        bindings: { REQUEST_LIMIT: boom(`it failed with ${secret}`) },
      });
    }
    const refuse = () =>
      Promise.reject(new Error(`D1 failed: INSERT ${password} ${refresh_token}`));
    const statement = {
      bind: () => statement,
      all: refuse,
      first: refuse,
      raw: refuse,
      run: refuse,
    };
    await ask("/api/auth/login", {
      body: { email, password },
      bindings: { DB: { prepare: () => statement, batch: refuse } },
    });
    // A link to a shared thread is a secret that travels in the path.
    const link = newShareToken(null);
    const broken = { DB: { prepare: () => statement, batch: refuse } };
    expect((await ask(`/api/shared/${link}`, { bindings: broken })).status).toBe(503);
    await ask("/health", { bindings: { JWT_SECRET: "short-secret", OPENAI_API_KEY: MODEL_KEY } });
    client.close();

    const { JWT_SECRET } = Object.fromEntries(
      Object.entries(await objectEnv()).filter(([name]) => name === "JWT_SECRET"),
    );
    const secrets = {
      ...{ password, wrong, apiKey, cookie, forged, ticket, MODEL_KEY, WORDS, email, link },
      short: "short-secret",
      signing: String(JWT_SECRET),
      ...tokensOf("first", owner),
      ...tokensOf("second", second),
      ...tokensOf("third", third),
    };
    const text = logged.join("\n");
    expect(logged.length).toBeGreaterThan(4);
    expect(text).toContain('"event":"request_failed"');
    expect(text).toContain('"route":"/api/shared/:token"');
    const found = Object.entries(secrets).filter(([, secret]) => text.includes(secret));
    expect(found.map(([name]) => name)).toEqual([]);
    expect(text).not.toMatch(/eyJ|Bearer |password"|sk-/);
  });

  it("every line of a request that failed has the request's id, and every line is JSON", async () => {
    logged.length = 0;
    const refused = { limit: () => Promise.reject(new Error("away")) };
    const headers = { "x-request-id": "mine-42" };
    await ask("/health", { headers, bindings: { ...env, REQUEST_LIMIT: refused } });

    expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ request_id: "mine-42" }]);
  });
});

function tokensOf(whose: string, { access_token, refresh_token }: Credentials) {
  return { [`${whose} access`]: access_token, [`${whose} refresh`]: refresh_token };
}
