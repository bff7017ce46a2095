/** The thread routes: what a person may do with threads, and that nobody can do it with another's. */
import { beforeEach, describe, expect, it } from "vitest";
import { type Credentials, ThreadPage } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/protocol/entities.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { ScriptedThreads } from "./scripted-threads.ts";
import { somebody } from "./somebody.ts";

/** What counts the requests of a user tells nothing of a thread. */
function headersOf({ headers }: Response): [string, string][] {
  return [...headers].filter(([name]) => !/^((x-)?ratelimit|traceresponse)/.test(name));
}

let ada: Credentials;
let eve: Credentials;
let threads: ScriptedThreads;

beforeEach(async () => {
  [ada, eve] = await Promise.all([somebody(), somebody()]);
  threads = new ScriptedThreads();
});

const METHODS: [string, Asked][] = [
  ["GET", {}],
  ["PATCH", { body: { title: "Mine now" } }],
  ["DELETE", {}],
];

describe.each(METHODS)("%s of a thread one does not have", (method, asked) => {
  it("is answered byte for byte the same whether another has it or nobody, and asks no object", async () => {
    const own = await begin();
    const attempt = () =>
      as(eve, `/api/threads/${own.id}`, {
        ...asked,
        method,
        headers: { "x-request-id": "the-same" },
      });

    const whileItExists = await attempt();
    const kept = Thread.parse(await (await as(ada, `/api/threads/${own.id}`)).json());
    await as(ada, `/api/threads/${own.id}`, { method: "DELETE" });
    threads.calls.length = 0;
    const whenItIsGone = await attempt();

    expect(kept).toEqual(own);
    expect(whileItExists.status).toBe(404);
    expect(await whileItExists.text()).toBe(await whenItIsGone.text());
    expect(headersOf(whileItExists)).toEqual(headersOf(whenItIsGone));
    expect(threads.calls).toEqual([]);
  });

  it.each([
    ["of 65 characters", "x".repeat(65)],
    ["that is SQL", encodeURIComponent("' OR 1=1 --")],
    ["that holds a NUL", "%00"],
    ["that climbs", encodeURIComponent("../../etc/passwd")],
    ["that is no valid escape", "%E0%A4%A"],
    ["that names another's object", encodeURIComponent("somebody/else")],
  ])("is not found by an id %s", async (_, id) => {
    const response = await as(ada, `/api/threads/${id}`, { ...asked, method });

    expect(await problemOf(response)).toMatchObject({
      code: "not_found",
      detail: "There is nothing at this address.",
    });
    expect(threads.calls).toEqual([]);
  });

  it("is refused without a token", async () => {
    const own = await begin();

    const response = await ask(`/api/threads/${own.id}`, { ...asked, method });

    expect((await problemOf(response)).code).toBe("unauthenticated");
  });
});

describe("beginning a thread", () => {
  it("is refused with every field at fault named", async () => {
    const response = await as(ada, "/api/threads", {
      body: { title: " ", metadata: { team: 7 } },
    });

    const { code, errors } = await problemOf(response);
    expect(code).toBe("invalid_fields");
    expect(errors?.map(({ field }) => field)).toEqual(["title", "metadata.team"]);
  });

  it("takes neither an id nor an owner from the client", async () => {
    const response = await as(ada, "/api/threads", {
      body: { id: "chosen", user_id: eve.user.id, title: "Costs" },
    });

    const { code, errors } = await problemOf(response);
    expect(code).toBe("invalid_fields");
    expect(errors?.map(({ field }) => field)).toEqual(["id", "user_id"]);
    expect(await titles(eve)).toEqual([]);
    expect(await titles(ada)).toEqual([]);
  });

  it("answers 201 with the thread and its address, and tells the object what it is called", async () => {
    const response = await as(ada, "/api/threads", {
      body: { title: "Costs", metadata: { team: "ml" } },
    });

    const thread = Thread.parse(await response.json());
    const address = response.headers.get("location") ?? "";
    expect(response.status).toBe(201);
    expect(thread).toMatchObject({ title: "Costs", metadata: { team: "ml" } });
    expect(await (await as(ada, address)).json()).toEqual(thread);
    const { title, metadata } = thread;
    expect(threads.calls).toEqual([[`${ada.user.id}/${thread.id}`, "label", { title, metadata }]]);
  });

  it("needs no body, and then makes no object yet", async () => {
    const response = await as(ada, "/api/threads", { method: "POST" });
    expect(threads.calls).toEqual([]);

    expect(response.status).toBe(201);
    expect(Thread.parse(await response.json())).toMatchObject({ title: null, metadata: {} });
  });
});

describe("the list of threads", () => {
  it.each(["limit=0", "limit=101", "limit=1.5", "limit=ten", "cursor=", "cursor=made-up"])(
    "is refused with the field named for ?%s",
    async (query) => {
      const { code, errors } = await problemOf(await as(ada, `/api/threads?${query}`));

      expect(code).toBe("invalid_fields");
      expect(errors?.map(({ field }) => field)).toEqual([query.split("=")[0]]);
    },
  );

  it("is one's own, the newest first, page by page", async () => {
    for (const title of ["first", "second", "third"]) await begin(title);
    await as(eve, "/api/threads", { body: { title: "Eve's" } });

    const first = ThreadPage.parse(await (await as(ada, "/api/threads?limit=2")).json());
    const second = ThreadPage.parse(
      await (await as(ada, `/api/threads?limit=2&cursor=${first.next_cursor}`)).json(),
    );

    expect(first.data.map(({ title }) => title)).toEqual(["third", "second"]);
    expect(second.data.map(({ title }) => title)).toEqual(["first"]);
    expect(second.next_cursor).toBeNull();
  });
});

describe("changing a thread", () => {
  it("is refused where nothing is given", async () => {
    const own = await begin();

    const response = await as(ada, `/api/threads/${own.id}`, { method: "PATCH", body: {} });

    expect((await problemOf(response)).code).toBe("invalid_fields");
    expect(threads.calls).toEqual([]);
  });

  it("is unavailable, and may be repeated, where the object does not answer", async () => {
    const own = await begin();
    threads.failures.push(new Error("broken"));
    const rename = () =>
      as(ada, `/api/threads/${own.id}`, { method: "PATCH", body: { title: "Costs" } });

    expect((await problemOf(await rename())).code).toBe("unavailable");
    expect((await rename()).status).toBe(200);
  });

  it("answers with the thread as it is now, and has the object tell every connection", async () => {
    const own = await begin("Costs");

    const response = await as(ada, `/api/threads/${own.id}`, {
      method: "PATCH",
      body: { metadata: { team: "ml" } },
    });

    expect(Thread.parse(await response.json())).toMatchObject({
      id: own.id,
      title: "Costs",
      metadata: { team: "ml" },
    });
    expect(threads.calls).toEqual([
      [`${ada.user.id}/${own.id}`, "announceUpdate", { title: "Costs", metadata: { team: "ml" } }],
    ]);
  });
});

describe("deleting a thread", () => {
  it("asks an object that was restarting once more, and an overloaded one never", async () => {
    const [first, second] = [await begin(), await begin()];
    const remove = (thread: Thread) => as(ada, `/api/threads/${thread.id}`, { method: "DELETE" });

    threads.failures.push(Object.assign(new Error("restarting"), { retryable: true }));
    expect((await remove(first)).status).toBe(204);
    expect(threads.calls).toHaveLength(2);

    threads.calls.length = 0;
    threads.failures.push(
      Object.assign(new Error("overloaded"), { retryable: true, overloaded: true }),
    );
    const refused = await remove(second);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect((await problemOf(refused)).code).toBe("unavailable");
    expect(threads.calls).toHaveLength(1);
  });

  it("removes it from the list, then has its object destroyed", async () => {
    const own = await begin();

    const response = await as(ada, `/api/threads/${own.id}`, { method: "DELETE" });

    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(await titles(ada)).toEqual([]);
    expect(threads.calls).toEqual([[`${ada.user.id}/${own.id}`, "destroy"]]);
  });
});

function as(person: Credentials, path: string, asked: Asked = {}): Promise<Response> {
  return ask(path, { token: person.access_token, bindings: threads.bindings, ...asked });
}

async function begin(title?: string): Promise<Thread> {
  const thread = Thread.parse(await (await as(ada, "/api/threads", { body: { title } })).json());
  threads.calls.length = 0;
  return thread;
}

async function titles(person: Credentials): Promise<(string | null)[]> {
  const page = ThreadPage.parse(await (await as(person, "/api/threads")).json());
  return page.data.map(({ title }) => title);
}
