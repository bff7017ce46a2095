/** Messages: pages both ways over what is saved and what is not yet, each message exactly once. */
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { MessagesQuery } from "../../../src/protocol/api.ts";
import type { Message, User } from "../../../src/protocol/entities.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { writeCursor } from "../../../src/store/cursor.ts";
import { History } from "../../../src/store/history.ts";
import { Messages } from "../../../src/store/messages.ts";
import { message, saved, thread } from "./conversation.ts";
import { account, db } from "./people.ts";

let ada: User;
let threadId: ThreadId;
let messages: Messages;

beforeEach(async () => {
  ada = await account();
  threadId = (await thread(ada)).id;
  messages = new Messages(db, ada.id);
});

describe("another user's thread", () => {
  it("has no messages, even by its right id and a cursor that fits", async () => {
    await save([message(threadId, 1), message(threadId, 2)]);
    const { next_cursor } = await messages.list(threadId, {
      limit: 1,
      order: "asc",
      superseded: "exclude",
    });
    const foreign = new Messages(db, (await account()).id);

    const first = await foreign.list(threadId, { limit: 5, order: "asc", superseded: "exclude" });
    const second = await foreign.list(threadId, {
      limit: 5,
      order: "asc",
      superseded: "exclude",
      cursor: next_cursor ?? "",
    });

    expect([first, second]).toEqual([
      { data: [], has_more: false, next_cursor: null },
      { data: [], has_more: false, next_cursor: null },
    ]);
  });
});

describe("a cursor of a thread's messages", () => {
  it.each([
    ["another thread", { thread_id: ThreadId.parse("another") }],
    ["the other order", { order: "desc" as const }],
    ["no position there is", { after: -1 }],
    ["a position past every number that is exact", { after: 2 ** 53 }],
  ])("is refused by name where it holds %s", async (_, wrong) => {
    const cursor = writeCursor({
      list: "messages",
      thread_id: threadId,
      order: "asc",
      after: 1,
      ...wrong,
    });

    await expect(
      messages.list(threadId, { limit: 5, order: "asc", superseded: "exclude", cursor }),
    ).rejects.toMatchObject({ code: "invalid_fields", errors: [{ field: "cursor" }] });
  });

  it.each(["asc", "desc"] as const)("leads through 50 messages %s, each once", async (order) => {
    const all = Array.from({ length: 50 }, (_, index) => message(threadId, 3 * index + 1));
    await save(all);

    const pages = await everyPage({ limit: 10, order, superseded: "exclude" });

    expect(pages.map((page) => page.length)).toEqual([10, 10, 10, 10, 10]);
    expect(pages.flat()).toEqual(order === "asc" ? all : all.toReversed());
  });

  it("leads through any split into saved and unsaved messages, each once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("saved", "unsaved", "both"), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("asc" as const, "desc" as const),
        async (places, limit, order) => {
          threadId = (await thread(ada)).id;
          const all = places.map((_, index) => message(threadId, index + 1));
          await save(all.filter((_, index) => places[index] !== "unsaved"));
          const unsaved = all.filter((_, index) => places[index] !== "saved");

          const pages = await everyPage({ limit, order, superseded: "exclude" }, unsaved);

          expect(pages.flat()).toEqual(order === "asc" ? all : all.toReversed());
          expect(pages).toHaveLength(Math.max(1, Math.ceil(all.length / limit)));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("a message that is both saved and unsaved", () => {
  const half = { role: "assistant", agent: "triage", status: "streaming", content: "The" } as const;
  const whole = { ...half, status: "complete", content: "The answer" } as const;

  it("is shown as the Thread object knows it while its writing goes on", async () => {
    await save([message(threadId, 1, half)]);
    const newer = message(threadId, 1, { ...half, content: "The ans" });

    const { data } = await messages.list(
      threadId,
      { limit: 5, order: "asc", superseded: "exclude" },
      { messages: [newer], supersessions: [] },
    );

    expect(data).toEqual([newer]);
  });

  it("is shown as saved where its end was saved after the object was asked", async () => {
    const ended = message(threadId, 1, whole);
    await save([ended]);

    const { data } = await messages.list(
      threadId,
      { limit: 5, order: "asc", superseded: "exclude" },
      { messages: [message(threadId, 1, half)], supersessions: [] },
    );

    expect(data).toEqual([ended]);
  });
});

function save(list: readonly Message[]): Promise<void> {
  return new History(db, ada.id).save(list.map((each) => saved(each)));
}

async function everyPage(
  query: Omit<MessagesQuery, "cursor">,
  unsaved: readonly Message[] = [],
): Promise<Message[][]> {
  const pages: Message[][] = [];
  let cursor: string | null | undefined;
  while (cursor !== null && pages.length < 100) {
    const page = await messages.list(
      threadId,
      { ...query, cursor },
      {
        messages: unsaved,
        supersessions: [],
      },
    );
    pages.push(page.data);
    cursor = page.next_cursor;
  }
  return pages;
}
