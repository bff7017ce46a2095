/** What was said in all threads: listed, found, and taken along as a file; never another's. */
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Credentials } from "../../../src/protocol/api.ts";
import { MessagePage, ThreadPage } from "../../../src/protocol/api.ts";
import { Message, Thread } from "../../../src/protocol/entities.ts";
import { HistoryPage, SearchPage } from "../../../src/protocol/history.ts";
import { eventually, fieldsOf } from "../thread/client.ts";
import { beginThread } from "../thread/conversation.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
let ids: string[];
const QUESTIONS = ["=SUM(A1:A9) costs 100%_what?", "Which zebra is cheaper?", "A plain question"];
const as = (path: string, asked: Asked = {}) => ask(path, { token: ada.access_token, ...asked });
const history = async (query = "") =>
  HistoryPage.parse(await (await as(`/api/messages?limit=100&${query}`)).json());
const find = async (query: string) =>
  SearchPage.parse(await (await as(`/api/search?${query}`)).json());

beforeAll(async () => {
  ada = await somebody();
  ids = [];
  for (const content of QUESTIONS) {
    const { threadId } = await beginThread(ada);
    const body = { content, thread_id: threadId };
    await as("/api/agents/triage/execute?wait=30", { body });
    ids.push(threadId);
  }
  await eventually(async () => {
    const { data } = await history();
    expect(data).toHaveLength(6);
    expect(data.filter(({ status }) => status === "streaming")).toEqual([]);
  });
});

describe("the history is refused", () => {
  it.each([
    ["limit=0", "limit"],
    ["page=0", "page"],
    ["page=101", "page"],
    ["cursor=x", "cursor"],
    ["page=1&cursor=x", "cursor"],
    ["order=up", "order"],
  ])("for %s, by name", async (query, field) => {
    expect(fieldsOf(await problemOf(await as(`/api/messages?${query}`)))).toEqual([field]);
  });
});

describe("the history of all threads", () => {
  it("tells every message once, by cursor and by page, in either order", async () => {
    const all = (await history()).data.map(({ id }) => id);
    const ascending = (await history("order=asc")).data.map(({ id }) => id);
    expect(ascending).toEqual(all.toReversed());

    const paged: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const query = `/api/history?limit=4${next === "" ? "" : `&after=${next}`}`;
      const page = HistoryPage.parse(await (await as(query)).json());
      expect(page.has_more).toBe(page.next_cursor !== null);
      paged.push(...page.data.map(({ id }) => id));
      next = page.next_cursor;
    }
    expect(paged).toEqual(all);

    const second = HistoryPage.parse(await (await as("/api/messages?limit=4&page=2")).json());
    expect(second).toMatchObject({ page: 2, limit: 4, total: 6, pages: 2, has_more: false });
    expect(second.data.map(({ id }) => id)).toEqual(all.slice(4));
  });

  it("holds nothing of another's, also where their thread is named", async () => {
    const { access_token: token } = await somebody();
    for (const query of ["", `?thread_id=${ids[0]}`]) {
      const page = HistoryPage.parse(await (await ask(`/api/messages${query}`, { token })).json());
      expect(page.data).toEqual([]);
    }
    expect((await history(`thread_id=${ids[0]}&role=user`)).data).toMatchObject([
      { content: QUESTIONS[0] },
    ]);
  });
});

describe("a list in pages by their numbers", () => {
  it("counts the threads, and the messages of one, as they are", async () => {
    const threads = ThreadPage.parse(await (await as("/api/threads?page=2&limit=2")).json());
    expect(threads).toMatchObject({ page: 2, limit: 2, total: 3, pages: 2, has_more: false });
    expect(threads.data.map(({ id }) => id)).toEqual([ids[0]]);

    const path = `/api/threads/${ids[0]}/messages?limit=1`;
    const read = async (page: number) =>
      MessagePage.parse(await (await as(`${path}&page=${page}`)).json());
    expect(await read(1)).toMatchObject({ page: 1, total: 2, pages: 2, data: [{ role: "user" }] });
    expect(await read(2)).toMatchObject({ has_more: false, data: [{ role: "assistant" }] });
    expect(await read(3)).toMatchObject({ has_more: false, data: [] });
  });
});

describe("a search", () => {
  it.each(["", "q=", "q=a", `q=${"x".repeat(201)}`])("for %j is refused", async (query) => {
    expect(fieldsOf(await problemOf(await as(`/api/search?${query}`)))).toEqual(["q"]);
  });

  it("finds messages and titles that hold all words, in any case", async () => {
    const found = await find("q=ZEBRA%20cheaper");

    expect(found.threads.map(({ id }) => id)).toEqual([ids[1]]);
    expect(found.data.at(-1)).toMatchObject({ thread_id: ids[1], role: "user" });
    expect(found.data.at(-1)?.snippet).toBe(QUESTIONS[1]);
    expect((await find("q=zebra%20plain")).data).toEqual([]);
  });

  it.each(["100%25_what", "%25%25", "__", "a'b", "\\\\"])("takes %s for what it is", async (q) => {
    const { data } = await find(`q=${q}`);
    const asked = data.filter(({ role }) => role === "user");
    expect(asked).toHaveLength(q.startsWith("100") ? 1 : 0);
  });

  it("finds nothing of another's", async () => {
    const { access_token: token } = await somebody();
    const found = SearchPage.parse(await (await ask("/api/search?q=zebra", { token })).json());
    expect([found.data, found.threads]).toEqual([[], []]);
  });
});

describe("a thread as a file", () => {
  const read = (format: string, id = ids[0]) => as(`/api/threads/${id}/export?format=${format}`);

  it("is not there for another, nor in a format that nobody knows", async () => {
    const { threadId } = await beginThread();
    expect((await read("json", threadId)).status).toBe(404);
    expect(fieldsOf(await problemOf(await read("pdf")))).toEqual(["format"]);
  });

  it("holds, as JSON, the thread and every message", async () => {
    const File = z.object({ thread: Thread, messages: z.array(Message) });
    const file = File.parse(await (await read("json")).json());

    expect(file.thread.id).toBe(ids[0]);
    expect(file.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
  });

  it("is, as CSV, nothing that a spreadsheet would calculate", async () => {
    const response = await as(`/api/threads/${ids[0]}/export`, { headers: { accept: "text/csv" } });
    const text = await response.text();

    expect(response.headers.get("content-disposition")).toContain(".csv");
    expect(text.startsWith('id,created_at,role,agent,status,run_id,content\r\n"')).toBe(true);
    expect(text).toContain(`"'${QUESTIONS[0]}"`);
    expect(text).not.toMatch(/(?:^|,)"[=+\-@]/m);
  });

  it("reads, as Markdown, as a conversation", async () => {
    const text = await (await read("markdown", ids[1])).text();

    expect(text.startsWith(`# ${QUESTIONS[1]}\n\n## You, `)).toBe(true);
    expect(text).toContain("\n## triage, ");
  });
});
