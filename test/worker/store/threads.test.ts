/** Threads: a user's own, and nothing that tells another's from a missing one. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { timestamp } from "../../../src/core/clock.ts";
import type { User } from "../../../src/protocol/entities.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { writeCursor } from "../../../src/store/cursor.ts";
import { History } from "../../../src/store/history.ts";
import { Threads } from "../../../src/store/threads.ts";
import { message, saved, savedRun, thread } from "./conversation.ts";
import { account, db } from "./people.ts";

const later = timestamp(60_000);

let ada: User;
let eve: User;
let threads: Threads;

beforeEach(async () => {
  [ada, eve] = await Promise.all([account(), account()]);
  threads = new Threads(db, ada.id);
});

describe("another user's thread", () => {
  it("can't be seen, changed or deleted, and stays as it was", async () => {
    const own = await threads.create({ title: "Ada's" }, timestamp(0));
    const foreign = new Threads(db, eve.id);

    expect(await foreign.get(own.id)).toBeNull();
    expect(await foreign.exists(own.id)).toBe(false);
    expect(await foreign.update(own.id, { title: "Eve's" }, later)).toBeNull();
    expect(await foreign.delete(own.id)).toBe(false);
    expect((await foreign.list({ limit: 10 })).data).toEqual([]);

    expect(await threads.get(own.id)).toEqual(own);
  });

  it("keeps its runs when somebody else tries to delete it", async () => {
    const own = await thread(ada);
    await new History(db, ada.id).save([savedRun(own.id, 1)]);

    await new Threads(db, eve.id).delete(own.id);

    expect(await rows("runs", own.id)).toBe(1);
  });
});

describe("a thread that does not exist", () => {
  it("is null or false for every method, and is not made by any", async () => {
    const missing = ThreadId.parse("' OR 1=1 --");

    expect(await threads.get(missing)).toBeNull();
    expect(await threads.exists(missing)).toBe(false);
    expect(await threads.update(missing, { title: "Something" }, later)).toBeNull();
    expect(await threads.delete(missing)).toBe(false);
    expect((await threads.list({ limit: 10 })).data).toEqual([]);
  });
});

describe("a cursor of the list of threads", () => {
  it.each([
    ["is not base64url of JSON", "%%%"],
    ["is of another list", foreignCursor()],
    [
      "was padded",
      `${writeCursor({ list: "threads", order: "desc", after: ThreadId.parse("a") })}=`,
    ],
    [
      "holds one field too many",
      encode({ list: "threads", order: "desc", after: "a", user_id: "eve" }),
    ],
    ["holds a number for an id", encode({ list: "threads", order: "desc", after: 7 })],
    ["has lost its last letter", foreignCursor().slice(0, -1)],
  ])("is refused by name where it %s", async (_, cursor) => {
    await expect(threads.list({ limit: 10, cursor })).rejects.toMatchObject({
      code: "invalid_fields",
      errors: [{ field: "cursor" }],
    });
  });

  it("leads through 50 threads, the newest first, without a gap and without an end that is empty", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 50; count++) ids.unshift((await thread(ada)).id);
    await thread(eve);

    const pages = await everyPage(10);

    expect(pages.map((page) => page.length)).toEqual([10, 10, 10, 10, 10]);
    expect(pages.flat()).toEqual(ids);
  });

  it("goes on from its place when newer threads have come meanwhile", async () => {
    const [oldest, older, newer] = [await thread(ada), await thread(ada), await thread(ada)];
    const first = await threads.list({ limit: 1 });
    await thread(ada);

    const second = await threads.list({ limit: 5, cursor: first.next_cursor ?? "" });

    expect(first.data).toEqual([newer]);
    expect(second).toEqual({ data: [older, oldest], has_more: false, next_cursor: null });
  });
});

describe("a user's own thread", () => {
  it("is made with a title and labels, or without", async () => {
    const named = await threads.create({ title: "Costs", metadata: { team: "ml" } }, later);
    const bare = await threads.create({}, later);

    expect(named).toMatchObject({ title: "Costs", metadata: { team: "ml" }, created_at: later });
    expect(bare).toMatchObject({ title: null, metadata: {}, updated_at: later });
    expect(await threads.get(named.id)).toEqual(named);
    expect(await threads.exists(bare.id)).toBe(true);
  });

  it("changes in what is given alone, and says when", async () => {
    const own = await threads.create({ title: "Costs", metadata: { team: "ml" } }, timestamp(0));

    const renamed = await threads.update(own.id, { title: null }, later);
    const labelled = await threads.update(own.id, { metadata: {} }, later);

    expect(renamed).toEqual({ ...own, title: null, updated_at: later });
    expect(labelled).toEqual({ ...own, title: null, metadata: {}, updated_at: later });
  });

  it("takes its messages and runs along when it is deleted, and no other thread's", async () => {
    const [own, other] = [await thread(ada), await thread(ada)];
    await new History(db, ada.id).save(
      [own, other].flatMap(({ id }) => [saved(message(id, 1)), savedRun(id, 1)]),
    );

    expect(await threads.delete(own.id)).toBe(true);

    expect(await threads.get(own.id)).toBeNull();
    expect([await rows("messages", own.id), await rows("runs", own.id)]).toEqual([0, 0]);
    expect([await rows("messages", other.id), await rows("runs", other.id)]).toEqual([1, 1]);
  });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function foreignCursor(): string {
  return writeCursor({
    list: "messages",
    thread_id: ThreadId.parse("a thread"),
    order: "asc",
    after: 1,
  });
}

async function everyPage(limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null | undefined;
  while (cursor !== null && pages.length < 100) {
    const page = await threads.list({ limit, cursor });
    pages.push(page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  return pages;
}

async function rows(table: "messages" | "runs", threadId: string): Promise<number | null> {
  return env.DB.prepare(`SELECT count(*) AS total FROM ${table} WHERE thread_id = ?`)
    .bind(threadId)
    .first<number>("total");
}
