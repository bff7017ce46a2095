/** A fork that fails on its way is there whole or not at all, whatever fails, and whoever dies. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { MessagePage } from "../../../src/protocol/api.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { problemOf } from "../http/ask.ts";
import { ABSENT_DATABASE } from "./absent-database.ts";
import { beginThread, Conversation } from "./conversation.ts";
import { contents, exchange, fork, forked, threadsOf } from "./forks.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";
import { MeddledThreads } from "./meddled-threads.ts";
import { savedMessages } from "./thread-state.ts";

let model: HeldModel;
let thread: Conversation;
let question: string;
beforeAll(async () => {
  model = await holdModel();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const table of ["threads", "messages"]) await restore(table);
  model = await holdModel();
});

/** Has every write to a table of D1 fail, as one transaction; what is saved can still be read. */
async function breakTable(table: string): Promise<void> {
  const event = `BEFORE INSERT ON ${table}`;
  await env.DB.exec(`CREATE TRIGGER no_${table} ${event} BEGIN SELECT missing FROM threads; END`);
}

async function restore(table: string): Promise<void> {
  await env.DB.exec(`DROP TRIGGER IF EXISTS no_${table}`);
}

beforeEach(async () => {
  thread = await beginThread();
  const client = await thread.connect();
  ({ question } = await exchange(model, client, ["worth copying", "Indeed."]));
  await thread.settled();
});

/** The copy begun last, of which nobody was told. */
function begun({ names }: MeddledThreads): Conversation {
  const [, id] = names.at(-1)?.split("/") ?? [];
  return new Conversation(thread.owner, { id: ThreadId.parse(id) });
}

let minutes = 0;

/** Has more than another minute pass, and the alarm ring that was set for then. */
async function aMinuteLater(copy: Conversation): Promise<void> {
  minutes += 1;
  const now = systemClock.now() + minutes * 61_000;
  const late = vi.spyOn(systemClock, "now").mockReturnValue(now);
  expect(await copy.alarm()).toBe(true);
  late.mockRestore();
}

function isErased(copy: Conversation): Promise<boolean> {
  return runInDurableObject(copy.object, async (_, { storage }) => {
    const tables = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'runs'").toArray();
    return tables.length === 0 && (await storage.getAlarm()) === null;
  });
}

const cut = async () => {
  throw new Error("cut off");
};

it.each(["planFork", "readFork"])("nothing is begun where %s fails", async (method) => {
  const meddled = new MeddledThreads(method, cut);
  const problem = await problemOf(await fork(thread, { message_id: question }, meddled));
  expect(problem.code).toBe("unavailable");
  expect(meddled.names).toHaveLength(1);
  expect(await threadsOf(thread)).toHaveLength(1);
});

it("the pages of a thread that changed meanwhile are not taken for the whole", async () => {
  const meddled = new MeddledThreads("readFork", async () => []);
  const problem = await problemOf(await fork(thread, { message_id: question }, meddled));
  expect(problem).toMatchObject({
    code: "unavailable",
    detail: expect.stringContaining("changed"),
  });
  expect(await threadsOf(thread)).toHaveLength(1);
});

it("pages that nobody goes on with erase themselves, a death in between or none", async () => {
  for (const dies of [false, true]) {
    const meddled = new MeddledThreads("takeFork", async (act) => {
      await act();
      return cut();
    });
    const problem = await problemOf(await fork(thread, { message_id: question }, meddled));
    expect(problem.code).toBe("unavailable");
    const copy = begun(meddled);
    if (dies) await copy.die();
    await copy.alarm();
    expect(await isErased(copy)).toBe(false);
    await aMinuteLater(copy);
    expect(await isErased(copy)).toBe(true);
    expect(await threadsOf(thread)).toHaveLength(1);
    expect(await savedMessages(copy)).toEqual([]);
  }
});

it("a copy whose thread D1 does not take is never seen, and erases itself", async () => {
  const watched = new MeddledThreads("none", cut);
  await breakTable("threads");
  const problem = await problemOf(await fork(thread, { message_id: question }, watched));
  expect(problem.code).toBe("unavailable");
  await restore("threads");
  expect(await threadsOf(thread)).toHaveLength(1);
  await aMinuteLater(begun(watched));
  expect(await isErased(begun(watched))).toBe(true);
});

it("a copy that nobody comes to open is whole from the start, and opens itself", async () => {
  const meddled = new MeddledThreads("openFork", cut);
  const response = await fork(thread, { message_id: question }, meddled);
  expect(response.status).toBe(201);
  const copy = begun(meddled);
  expect(contents(await copy.messages())).toEqual(["worth copying", "Indeed."]);
  const there = await copy.connect();
  await exchange(model, there, ["said too early", "Never mind."]);
  expect(await savedMessages(copy)).toEqual([]);
  const { DB } = await objectEnv();
  const away = vi.spyOn(DB, "prepare").mockImplementation(() => {
    throw new Error("D1 is away");
  });
  await aMinuteLater(copy);
  away.mockRestore();
  expect(await isErased(copy)).toBe(false);
  await aMinuteLater(copy);
  // The alarm that stands behind that one finds nothing left to do, and notes how far the history got.
  await aMinuteLater(copy);
  await copy.settled();

  const whole = ["worth copying", "Indeed.", "said too early", "Never mind."];
  expect(contents(await savedMessages(copy))).toEqual(whole);
  expect(contents(await copy.messages())).toEqual(whole);
  const [{ title } = { title: null }] = await threadsOf(thread);
  expect(title).toBe("worth copying");
});

it("what was taken, or opened, twice is there once; so is what died in between", async () => {
  for (const method of ["takeFork", "openFork"]) {
    const meddled = new MeddledThreads(method, async (act) => {
      await act();
      await thread.die();
      return await act();
    });
    const response = await fork(thread, { message_id: question }, meddled);
    expect(response.status).toBe(201);
    const copy = begun(meddled);
    await copy.settled();
    expect(contents(await savedMessages(copy))).toEqual(["worth copying", "Indeed."]);
    expect(contents(await copy.messages())).toEqual(["worth copying", "Indeed."]);
  }
});

it("while the history can't be written the fork is whole, goes on, and catches up after a death", async () => {
  await breakTable("messages");
  const copy = await forked(thread, { message_id: question });
  const there = await copy.connect();
  await exchange(model, there, ["meanwhile", "I wait."]);
  const whole = ["worth copying", "Indeed.", "meanwhile", "I wait."];
  expect(contents(await copy.messages())).toEqual(whole);
  expect(await savedMessages(copy)).toEqual([]);
  await copy.die();
  expect(contents(await copy.messages())).toEqual(whole);
  const response = await copy.ask("/messages", { bindings: ABSENT_DATABASE });
  expect(contents(MessagePage.parse(await response.json()).data)).toEqual(whole);
  await restore("messages");
  await copy.settled();
  expect(contents(await savedMessages(copy))).toEqual(whole);
  expect(contents(await copy.messages())).toEqual(whole);
});
