/** Opening a socket: who is let in, by what, and that every refusal is an HTTP answer before the upgrade. */
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Credentials, ThreadPage } from "../../../src/protocol/api.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { MAX_SOCKETS } from "../../../src/protocol/limits.ts";
import { problemOf as problemBody } from "../../../src/protocol/problem-of.ts";
import { eventually, fieldsOf } from "../thread/client.ts";
import { beginThread, clientOf } from "../thread/conversation.ts";
import { A_TOKENS_LIFE, oldToken } from "../thread/tokens.ts";
import { ask, ORIGIN, problemOf } from "./ask.ts";
import { knock } from "./knock.ts";
import { tokenWith } from "./scoped-token.ts";
import { somebody } from "./somebody.ts";

const upgrade = { upgrade: "websocket" };

/** @returns the ids of the threads that somebody has. */
async function threadsOf({ access_token: token }: Credentials): Promise<string[]> {
  const list = ThreadPage.parse(await (await ask("/api/threads?limit=100", { token })).json());
  return list.data.map(({ id }) => id);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("an upgrade is refused", () => {
  it("without a token", async () => {
    const { path } = await beginThread();
    const response = await knock(`${path}/socket`);

    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    expect(await problemOf(response)).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  it("with a token that is none, is a refresh token, or stands in the URL", async () => {
    const { path, owner } = await beginThread();
    const socket = `${path}/socket`;

    for (const [asked, code] of [
      [knock(socket, { token: "not.a.token" }), "token_invalid"],
      [knock(socket, { token: owner.refresh_token }), "token_invalid"],
      [knock(`${socket}?token=${owner.access_token}`), "unauthenticated"],
      [knock(`${socket}?ticket=${owner.access_token}`), "token_invalid"],
    ] as const) {
      expect(await problemOf(await asked)).toMatchObject({ status: 401, code });
    }
  });

  it("with a token that has run out", async () => {
    const { path, owner } = await beginThread();
    const token = await oldToken(owner, A_TOKENS_LIFE);

    const problem = await problemOf(await knock(`${path}/socket`, { token }));
    expect(problem).toMatchObject({ status: 401, code: "token_expired" });
  });

  it("to another user's thread exactly as to a missing one, and no object is made", async () => {
    const { path } = await beginThread();
    const { access_token: token } = await somebody();
    const before = (await listDurableObjectIds(env.THREADS)).length;

    const refusals = await Promise.all(
      [`${path}/socket`, "/api/threads/missing/socket"].map(async (address) => {
        const {
          instance: _,
          request_id: __,
          ...said
        } = await problemOf(await knock(address, { token }));
        return said;
      }),
    );
    expect(refusals[0]).toMatchObject({ status: 404, code: "not_found" });
    expect(refusals[1]).toEqual(refusals[0]);
    expect(await listDurableObjectIds(env.THREADS)).toHaveLength(before);
  });

  it("where it is none", async () => {
    const thread = await beginThread();

    const problem = await problemOf(await thread.ask("/socket"));
    expect(problem).toMatchObject({ status: 426, code: "upgrade_required" });
  });

  it("to a page of another origin, and not to one of this", async () => {
    const { path, owner } = await beginThread();
    const from = (origin: string) =>
      knock(`${path}/socket`, { token: owner.access_token, headers: { origin } });

    expect(await problemOf(await from("https://evil.test"))).toMatchObject({ status: 403 });
    expect((await from(ORIGIN)).status).toBe(101);
  });

  it.each([
    ["after=-1&epoch=e", "after"],
    ["after=x&epoch=e", "after"],
    ["after=1.5&epoch=e", "after"],
    ["after=9007199254740992&epoch=e", "after"],
    ["after=3", "epoch"],
    ["after=3&epoch=", "epoch"],
    [`epoch=${"e".repeat(65)}`, "epoch"],
  ])("from the position ?%s, naming %s", async (query, field) => {
    const thread = await beginThread();
    const response = await thread.ask(`/socket?${query}`, { headers: upgrade });

    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(fieldsOf(problem)).toEqual([field]);
  });

  it("to a new thread, where its token may make none; one that is named needs no more", async () => {
    const { owner, threadId } = await beginThread();
    const token = await tokenWith(owner, ["threads:read"]);

    expect(await problemOf(await knock("/ws", { token }))).toMatchObject({
      status: 403,
      code: "forbidden",
      detail: expect.stringContaining("threads:write"),
    });
    expect((await knock(`/ws?thread_id=${threadId}`, { token })).status).toBe(101);
    expect(await threadsOf(owner)).toEqual([threadId]);
  });

  it.each<[string, () => Promise<Response>, number]>([
    [
      "is refused",
      async () => Response.json(problemBody(new ApexError("quota_exceeded", "Too many."))),
      429,
    ],
    ["fails", () => Promise.reject(new Error("the object is away")), 503],
  ])("to a new thread, which goes again where the connect %s", async (_, fetch, status) => {
    const owner = await somebody();
    const bindings = { THREADS: { getByName: () => ({ fetch }) } };
    const asked = { token: owner.access_token, bindings };

    expect((await knock("/ws", asked)).status).toBe(status);
    expect(await threadsOf(owner)).toEqual([]);
  });

  it(`past ${MAX_SOCKETS} sockets, until one of them leaves`, async () => {
    const thread = await beginThread();
    const clients = await Promise.all(Array.from({ length: MAX_SOCKETS }, () => thread.connect()));
    const another = () => thread.ask("/socket", { headers: upgrade });
    expect(await problemOf(await another())).toMatchObject({ status: 429, code: "rate_limited" });

    clients[0]?.close();
    await eventually(async () => expect((await another()).status).toBe(101));
  });
});

describe("a socket opens", () => {
  it.each([
    ["by subprotocol, answered with the neutral one", "apex-edge, bearer.{token}", "apex-edge"],
    ["by subprotocol alone, answered with that", "jwt-auth.{token}", "jwt-auth.{token}"],
    ["by subprotocol in base64url", "bearer.{encoded}", "bearer.{encoded}"],
  ])("%s", async (_, offer, answer) => {
    const { path, owner } = await beginThread();
    const encoded = Buffer.from(owner.access_token).toString("base64url");
    const fill = (text: string) =>
      text.replace("{token}", owner.access_token).replace("{encoded}", encoded);
    const headers = { "sec-websocket-protocol": fill(offer) };
    const response = await knock(`${path}/socket`, { headers });

    expect(response.status).toBe(101);
    expect(response.headers.get("sec-websocket-protocol")).toBe(fill(answer));
  });

  it("with a welcome that names user, thread, position and limits", async () => {
    const thread = await beginThread();
    const ready = await (await thread.connect()).frame("connection_ready");

    expect(ready.context).toMatchObject({
      user_id: thread.owner.user.id,
      thread_id: thread.threadId,
      run_id: null,
    });
    expect(ready.data).toMatchObject({ last_seq: 0, recovered: true, live_run_id: null });
  });

  it("at /ws to a named thread, and to a new one where none is named", async () => {
    const thread = await beginThread();
    const { access_token: token } = thread.owner;
    const named = clientOf(await knock(`/ws?thread_id=${thread.threadId}`, { token }));
    const fresh = clientOf(await knock("/ws", { token }));

    expect((await named.frame("connection_ready")).context.thread_id).toBe(thread.threadId);
    const made = (await fresh.frame("connection_ready")).context.thread_id;
    expect(made).not.toBe(thread.threadId);
    expect((await ask(`/api/threads/${made}`, { token })).status).toBe(200);
  });

  it("as its token's owner, whoever the client's own headers name", async () => {
    const thread = await beginThread();
    const victim = await beginThread();
    const headers = {
      "x-user-id": victim.owner.user.id,
      "x-apex-upgrade": JSON.stringify({ expiresAt: 9e9, ticketId: null, subprotocol: "forged" }),
    };
    const { access_token: token } = thread.owner;
    const own = await knock(`${thread.path}/socket`, { token, headers });
    expect(own.headers.get("sec-websocket-protocol")).toBeNull();
    const client = clientOf(own);
    const { context } = await client.frame("connection_ready");
    expect(context.user_id).toBe(thread.owner.user.id);
    expect((await knock(`${victim.path}/socket`, { token, headers })).status).toBe(404);

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_TOKENS_LIFE });
    const refusal = await client.refused({ type: "user_message", content: "still here?" });
    expect(refusal.problem.code).toBe("token_expired");
  });
});
