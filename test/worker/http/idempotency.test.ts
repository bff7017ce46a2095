/** `Idempotency-Key`: what is sent again is done once, whatever became of the first answer. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type Credentials, ThreadPage } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/protocol/entities.ts";
import { fieldsOf } from "../thread/client.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
beforeEach(async () => {
  ada = await somebody();
});

const post = (path: string, body: unknown, key: string, { access_token: token } = ada) =>
  ask(path, { token, body, headers: { "idempotency-key": key } });

async function threads({ access_token: token } = ada) {
  return ThreadPage.parse(await (await ask("/api/threads", { token })).json()).data;
}

describe("a key is refused", () => {
  it.each(["", "x".repeat(129)])("where it is %j", async (key) => {
    const problem = await problemOf(await post("/api/threads", {}, key));
    expect(fieldsOf(problem)).toEqual(["Idempotency-Key"]);
  });

  it("for another body, and nothing is made", async () => {
    await post("/api/threads", { title: "One" }, "k");
    const problem = await problemOf(await post("/api/threads", { title: "Two" }, "k"));

    expect(problem).toMatchObject({ status: 422, code: "idempotency_key_reused" });
    expect((await threads()).map(({ title }) => title)).toEqual(["One"]);
  });

  it("while its request is under way, and is free again where that died", async () => {
    await post("/api/threads", {}, "k");
    const set = (sql: string) =>
      env.DB.prepare(`UPDATE idempotency_keys SET ${sql} WHERE user_id = ?`)
        .bind(ada.user.id)
        .run();
    await set("status = NULL");
    const problem = await problemOf(await post("/api/threads", {}, "k"));
    expect(problem).toMatchObject({ status: 409, code: "repeated_request", retry_after: 1 });

    await set("expires_at = '2026-01-01T00:00:00.000Z'");
    expect((await post("/api/threads", {}, "k")).status).toBe(201);
    expect(await threads()).toHaveLength(2);
  });
});

describe("a request that is sent again", () => {
  it("is answered as it was, byte for byte", async () => {
    const first = await post("/api/threads", { title: "One" }, "k");
    const again = await post("/api/threads", { title: "One" }, "k");

    expect([first.status, again.status]).toEqual([201, 201]);
    expect(first.headers.has("idempotency-replayed")).toBe(false);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    expect(await again.text()).toBe(await first.text());
    expect(await threads()).toHaveLength(1);
  });

  it("is done once, however many come at once", async () => {
    const sent = Array.from({ length: 20 }, () => post("/api/threads", {}, "k"));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);

    expect(statuses).toContain(201);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(await threads()).toHaveLength(1);
  });

  it("begins one run, also by another name of the path", async () => {
    const body = { content: "Hello" };
    const first = await post("/api/agents/execute", body, "k");
    const again = await post("/api/chat", body, "k");

    expect(await again.json()).toEqual(await first.json());
    expect(await threads()).toHaveLength(1);
  });

  it("is done anew where the first made nothing", async () => {
    expect((await post("/api/threads", { title: "" }, "k")).status).toBe(422);
    expect((await post("/api/threads", { title: "One" }, "k")).status).toBe(201);
  });

  it("is not shown a secret twice, and no copy of it is kept", async () => {
    const body = { name: "CI", scopes: ["threads:read"] };
    const first = await post("/api/keys", body, "k");
    const { key } = Object(await first.json());
    const problem = await problemOf(await post("/api/keys", body, "k"));

    expect(problem).toMatchObject({ status: 409, code: "repeated_request" });
    const { results } = await env.DB.prepare("SELECT * FROM idempotency_keys").all();
    expect(JSON.stringify(results)).not.toContain(key);
  });

  it("is told where its run is, where the answer was a stream", async () => {
    const stream = await post("/api/chat/stream", { content: "Hello" }, "k");
    await stream.text();
    const problem = await problemOf(await post("/api/chat/stream", { content: "Hello" }, "k"));

    expect(problem.detail).toContain(stream.headers.get("location"));
    expect(await threads()).toHaveLength(1);
  });

  it("of another user's, or on another route, is another request", async () => {
    const eve = await somebody();
    const own = Thread.parse(await (await post("/api/threads", {}, "k")).json());
    const theirs = Thread.parse(await (await post("/api/threads", {}, "k", eve)).json());

    expect(theirs.id).not.toBe(own.id);
    expect((await post("/api/agents/execute", { content: "Hello" }, "k")).status).toBe(202);
  });
});
