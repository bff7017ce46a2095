/** Shared threads: what a link shows to anybody, when it shows nothing any more, and whose word that takes. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AuditPage } from "../../../src/protocol/account.ts";
import { CreatedThreadShare, SharedThread, ThreadShare } from "../../../src/protocol/sharing.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const NEVER_MADE = "A".repeat(43);

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});
afterEach(async () => {
  vi.restoreAllMocks();
  model = await holdModel();
});

const share = async (thread: Conversation) =>
  CreatedThreadShare.parse(await (await thread.ask("/share", { method: "POST" })).json());

const open = (token: string, query = "") => ask(`/api/shared/${token}${query}`);

const opened = async (token: string, query = "") =>
  SharedThread.parse(await (await open(token, query)).json());

const saidIn = ({ data }: SharedThread) => data.map(({ content }) => content);

/** Says something, and has it answered. */
async function exchange(thread: Conversation, question: string, answer: string): Promise<void> {
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  (await model.turn(question)).end(answer);
  await client.completed(run_id);
  client.close();
}

async function actionsOf({ owner }: Conversation): Promise<string[]> {
  const answer = await ask("/api/account/audit", { token: owner.access_token });
  return AuditPage.parse(await answer.json()).data.map(({ action }) => action);
}

describe("a link opens nothing", () => {
  it.each([NEVER_MADE, "x", "%00", "a".repeat(128)])("that was never made: %s", async (token) => {
    expect(await problemOf(await open(token))).toMatchObject({ code: "not_found" });
  });

  it("that was taken back, and is answered then like one that never was", async () => {
    const thread = await beginThread();
    const { token } = await share(thread);
    expect((await open(token)).status).toBe(200);
    expect((await thread.ask("/share", { method: "DELETE" })).status).toBe(204);

    const problem = await problemOf(await open(token));
    const never = await problemOf(await open(NEVER_MADE));
    expect(problem.status).toBe(404);
    expect({ ...problem, instance: "", request_id: "" }).toEqual({
      ...never,
      instance: "",
      request_id: "",
    });
    expect(await (await thread.ask("/share")).json()).toEqual({ share: null });
  });

  it("once another one was made in its place", async () => {
    const thread = await beginThread();
    const [first, second] = [await share(thread), await share(thread)];

    expect((await open(first.token)).status).toBe(404);
    expect((await open(second.token)).status).toBe(200);
  });

  it("once its thread was deleted", async () => {
    const thread = await beginThread();
    const { token } = await share(thread);
    await thread.ask("", { method: "DELETE" });

    expect((await open(token)).status).toBe(404);
  });

  it("once its owner's account was deleted", async () => {
    const thread = await beginThread();
    const { token } = await share(thread);
    const { email } = thread.owner.user;
    await ask("/api/account", {
      method: "DELETE",
      token: thread.owner.access_token,
      body: { email },
    });

    expect((await open(token)).status).toBe(404);
  });
});

describe("another's thread", () => {
  it.each(["POST", "PUT", "GET", "DELETE"])("is not there for %s", async (method) => {
    const thread = await beginThread();
    const { token } = await share(thread);
    const { access_token } = await somebody();

    const answer = await thread.ask("/share", { method, token: access_token });
    expect(await problemOf(answer)).toMatchObject({ status: 404, code: "not_found" });
    expect((await open(token)).status).toBe(200);
  });

  it("is not renewed where it is not shared at all", async () => {
    const thread = await beginThread();
    expect((await thread.ask("/share", { method: "PUT" })).status).toBe(404);
    expect((await thread.ask("/share", { method: "DELETE" })).status).toBe(204);
    expect(await actionsOf(thread)).not.toContain("thread_unshared");
  });
});

describe("a shared thread", () => {
  it("shows its title and what was said, to who is not signed in, and nothing that names anybody", async () => {
    const thread = await beginThread();
    await thread.ask("", { method: "PATCH", body: { title: "Costs", metadata: { note: "mine" } } });
    await exchange(thread, "What do we pay?", "About **forty** dollars.");
    const { token, path } = await share(thread);

    const answer = await open(token);
    const text = await answer.text();
    const shown = SharedThread.parse(JSON.parse(text));

    expect(path).toBe(`/s/${token}`);
    expect(shown).toMatchObject({ title: "Costs", has_more: false, next_cursor: null });
    expect(shown.data).toMatchObject([
      { role: "user", content: "What do we pay?", status: "complete" },
      { role: "assistant", content: "About **forty** dollars.", status: "complete" },
    ]);
    const [message] = await thread.messages();
    const { user } = thread.owner;
    const hidden = [user.id, user.email, thread.threadId, message?.id, message?.run_id, "mine"];
    for (const word of hidden) expect(text).not.toContain(word);
    expect(new Set(Object.keys(JSON.parse(text).data[0]))).toEqual(
      new Set(["seq", "role", "content", "status", "created_at"]),
    );
    expect(new Set(Object.keys(JSON.parse(text)))).toEqual(
      new Set(["data", "has_more", "next_cursor", "shared_at", "title"]),
    );
    expect(answer.headers.get("x-robots-tag")).toBe("noindex");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("is not to be found by searching, whatever it is answered", async () => {
    expect((await open(NEVER_MADE)).headers.get("x-robots-tag")).toBe("noindex");
  });

  it("keeps of its link nothing but a hash", async () => {
    const thread = await beginThread();
    const { token } = await share(thread);
    const { results } = await env.DB.prepare("SELECT * FROM thread_shares WHERE thread_id = ?")
      .bind(thread.threadId)
      .all();

    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(token);
  });

  it("does not show what is said afterwards, nor another title, until it is renewed", async () => {
    const thread = await beginThread();
    await thread.ask("", { method: "PATCH", body: { title: "Before" } });
    await exchange(thread, "first question", "first answer");
    const { token, created_at } = await share(thread);
    await exchange(thread, "second question", "second answer");
    await thread.ask("", { method: "PATCH", body: { title: "After" } });

    const before = await opened(token);
    expect(before.title).toBe("Before");
    expect(saidIn(before)).toEqual(["first question", "first answer"]);

    const renewed = await thread.ask("/share", { method: "PUT" });
    expect(ThreadShare.parse(await renewed.json()).created_at).toBe(created_at);
    const after = await opened(token);
    expect(after.title).toBe("After");
    expect(saidIn(after)).toHaveLength(4);
  });

  it("leaves out an answer that was being written, also when it is complete", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("a long question");
    const turn = await model.turn("a long question");
    turn.write("Half of");
    await client.frame("message_delta", ({ text }) => text.includes("Half of"));
    const { token } = await share(thread);

    expect(saidIn(await opened(token))).toEqual(["a long question"]);
    turn.end(" an answer");
    await client.completed(run_id);
    client.close();
    expect(saidIn(await opened(token))).toEqual(["a long question"]);
  });

  it("is read page by page, and a made-up place in it leads nowhere else", async () => {
    const thread = await beginThread();
    for (const nth of ["one", "two", "three"]) {
      await exchange(thread, `question ${nth}`, `answer ${nth}`);
      if (nth === "two") await thread.settled();
    }
    const { token } = await share(thread);
    const said: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "?limit=2" : `?limit=2&cursor=${cursor}`;
      const page: SharedThread = await opened(token, query);
      expect(Buffer.from(page.next_cursor ?? "", "base64url").toString()).not.toContain(
        thread.threadId,
      );
      said.push(...saidIn(page));
      cursor = page.next_cursor;
    }

    expect(said).toEqual(
      ["one", "two", "three"].flatMap((nth) => [`question ${nth}`, `answer ${nth}`]),
    );
    const foreign = await thread.ask("/messages?limit=1");
    const { next_cursor } = SharedThread.pick({ next_cursor: true }).parse(await foreign.json());
    const refused = await open(token, `?cursor=${next_cursor}`);
    expect(await problemOf(refused)).toMatchObject({ status: 422 });
  });

  it("is told of in its owner's audit log and export, both without the link", async () => {
    const thread = await beginThread();
    const { token } = await share(thread);
    const exported = await ask("/api/account/export", { token: thread.owner.access_token });
    const text = await exported.text();

    expect(text).toContain('"kind":"thread_share"');
    expect(text).not.toContain(token);
    await thread.ask("/share", { method: "DELETE" });
    expect(await actionsOf(thread)).toEqual(
      expect.arrayContaining(["thread_shared", "thread_unshared"]),
    );
  });

  it("is refused to who asks too often", async () => {
    const { token } = await share(await beginThread());
    const REQUEST_LIMIT = { limit: async () => ({ success: false }) };
    const refused = await ask(`/api/shared/${token}`, { bindings: { REQUEST_LIMIT } });

    expect(await problemOf(refused)).toMatchObject({ status: 429, code: "rate_limited" });
  });
});
