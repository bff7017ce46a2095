/** The list of messages: what is saved and what is not yet, as one, and nobody else's. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { timestamp } from "../../../src/core/clock.ts";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import { type Credentials, MessagePage } from "../../../src/protocol/api.ts";
import { Message, Thread } from "../../../src/protocol/entities.ts";
import type { ThreadId } from "../../../src/protocol/ids.ts";
import { History } from "../../../src/store/history.ts";
import { ask, problemOf } from "./ask.ts";
import { ScriptedThreads } from "./scripted-threads.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
let threadId: ThreadId;
let threads: ScriptedThreads;

beforeEach(async () => {
  ada = await somebody();
  threads = new ScriptedThreads();
  const begun = await ask("/api/threads", { body: {}, token: ada.access_token });
  threadId = Thread.parse(await begun.json()).id;
});

describe("the messages of a thread one does not have", () => {
  it.each(["", "?cursor=made-up"])(
    "are not found, and no object is asked, for a query of %j",
    async (query) => {
      const eve = await somebody();
      const response = await list(query, eve);

      expect((await problemOf(response)).code).toBe("not_found");
      expect(threads.calls).toEqual([]);
    },
  );
});

describe("a query for messages", () => {
  it.each(["order=newest", "limit=-1", "cursor=made-up"])(
    "is refused with the field named for ?%s",
    async (query) => {
      const { code, errors } = await problemOf(await list(`?${query}`));

      expect(code).toBe("invalid_fields");
      expect(errors?.map(({ field }) => field)).toEqual([query.split("=")[0]]);
    },
  );
});

describe("the messages of a thread whose object does not answer", () => {
  it("are unavailable rather than incomplete", async () => {
    await save(1, 2);
    threads.failures.push(new Error("broken"));

    expect((await problemOf(await list(""))).code).toBe("unavailable");
  });
});

describe("the messages of one's own thread", () => {
  it("end, oldest first, with those that are not saved yet", async () => {
    await save(1, 2, 3);
    threads.unsaved = [message(3), message(4), message(5)];

    expect(await pages("asc", 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(threads.calls[0]).toEqual([`${ada.user.id}/${threadId}`, "unsaved"]);
  });

  it("begin, newest first, with those that are not saved yet", async () => {
    await save(1, 2, 3);
    threads.unsaved = [message(3), message(4), message(5)];

    expect(await pages("desc", 2)).toEqual([[5, 4], [3, 2], [1]]);
  });

  it("come oldest first where no order is asked for", async () => {
    await save(1, 2);

    const page = MessagePage.parse(await (await list("")).json());

    expect(page).toEqual({ data: [message(1), message(2)], has_more: false, next_cursor: null });
  });
});

function message(seq: number): Message {
  return Message.parse({
    id: `message ${seq}`,
    thread_id: threadId,
    run_id: "run 1",
    seq,
    role: "user",
    content: `What was said at ${seq}`,
    agent: null,
    status: "complete",
    superseded_by: null,
    created_at: timestamp(seq),
  });
}

function save(...seqs: number[]): Promise<void> {
  return new History(historyDatabase(env, ada.user.id), ada.user.id).save(
    seqs.map((seq) => ({ kind: "message", version: seq, message: message(seq) })),
  );
}

function list(query: string, person = ada): Promise<Response> {
  return ask(`/api/threads/${threadId}/messages${query}`, {
    token: person.access_token,
    bindings: threads.bindings,
  });
}

/** @returns the seqs of every page, from the first to the last. */
async function pages(order: string, limit: number): Promise<number[][]> {
  const seqs: number[][] = [];
  let next = "";
  do {
    const response = await list(`?order=${order}&limit=${limit}${next}`);
    const page = MessagePage.parse(await response.json());
    seqs.push(page.data.map(({ seq }) => seq));
    next = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
  } while (next !== "" && seqs.length < 100);
  return seqs;
}
