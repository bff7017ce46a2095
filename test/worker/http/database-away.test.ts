/** While D1 answers nobody: threads in which something was said go on, served by their objects alone. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AcceptedMessage, MessagePage } from "../../../src/protocol/api.ts";
import { Run } from "../../../src/protocol/entities.ts";
import { beginThread, type Conversation, clientOf } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const refuse = () => Promise.reject(new Error("D1 is away"));
const statement = { bind: () => statement, all: refuse, first: refuse, raw: refuse, run: refuse };
/** The Worker's way to D1, cut; the objects have theirs, which the tests need not cut. */
const away = { DB: { prepare: () => statement, batch: refuse } };

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

let thread: Conversation;
let runId: string;
beforeEach(async () => {
  thread = await beginThread();
  const client = await thread.connect();
  runId = (await client.say("before the outage")).run_id;
  (await model.turn("before the outage")).end("All is well.");
  await client.completed(runId);
  client.close();
});
afterEach(async () => {
  model = await holdModel();
});

const below = (path: string, asked: Asked = {}) => thread.ask(path, { bindings: away, ...asked });

describe("a thread in which something was said", () => {
  it("takes a message, answers it, and lists both", async () => {
    const posted = await below("/messages", { body: { content: "during the outage" } });
    expect(posted.status).toBe(202);
    const { run_id } = AcceptedMessage.parse(await posted.json());
    const client = clientOf(await below("/socket", { headers: { upgrade: "websocket" } }));
    (await model.turn("during the outage")).end("Still well.");
    await client.completed(run_id);

    const { data } = MessagePage.parse(await (await below("/messages")).json());
    expect(data.map(({ content }) => content)).toEqual([
      "before the outage",
      "All is well.",
      "during the outage",
      "Still well.",
    ]);
  });

  it("is listed page by page, either way, each message once", async () => {
    for (const order of ["asc", "desc"]) {
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const next = cursor && `&cursor=${cursor}`;
        const page = await below(`/messages?limit=1&order=${order}${next}`);
        const { data, next_cursor } = MessagePage.parse(await page.json());
        seen.push(...data.map(({ role }) => role));
        cursor = next_cursor;
      }
      expect(seen).toEqual(order === "asc" ? ["user", "assistant"] : ["assistant", "user"]);
    }
  });

  it("lists the answer that is being written, as far as it is", async () => {
    const client = await thread.connect();
    await client.say("slowly");
    (await model.turn("slowly")).write("Half an");
    await client.frame("message_delta", ({ text }) => text.includes("Half an"));

    const { data } = MessagePage.parse(await (await below("/messages")).json());
    expect(data.at(-1)).toMatchObject({ status: "streaming", content: "Half an" });
  });

  it("shows its runs, and stops them", async () => {
    const { access_token: token } = thread.owner;
    const asked = { token, bindings: away };
    const ended = Run.parse(await (await ask(`/api/runs/${runId}`, asked)).json());
    expect(ended).toMatchObject({ status: "completed", final_response: "All is well." });

    const client = await thread.connect();
    const { run_id } = await client.say("to be stopped");
    await model.turn("to be stopped");
    const stopped = await ask(`/api/runs/${run_id}/cancel`, { ...asked, method: "POST" });
    expect(await stopped.json()).toMatchObject({ status: "cancelled" });
  });
});

describe("nothing is told, and nothing made up,", () => {
  it("of a thread that nobody spoke in, for it may not be there", async () => {
    const silent = await beginThread();
    const answer = await silent.ask("/messages", { bindings: away });
    expect(await problemOf(answer)).toMatchObject({ code: "unavailable", retry_after: 2 });
  });

  it("of another user's thread, which looks like one that is not there", async () => {
    const { access_token: token } = await somebody();
    const asked = { token, bindings: away };
    const foreign = await problemOf(await ask(`${thread.path}/messages`, asked));
    const missing = await problemOf(await ask("/api/threads/missing/messages", asked));
    expect(foreign).toMatchObject({ code: "unavailable", detail: missing.detail });
    expect(foreign.status).toBe(missing.status);
  });

  it("of a list of threads, which only D1 has", async () => {
    const { access_token: token } = thread.owner;
    const answer = await ask("/api/threads", { token, bindings: away });
    expect((await problemOf(answer)).code).toBe("unavailable");
  });
});
