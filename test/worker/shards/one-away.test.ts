/** While one database of the history is away, its users miss their lists; all chats go on, and nobody else notices. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { isDatabase } from "../../../src/env/history-shards.ts";
import { CircuitBreakers, Health, ThreadPage } from "../../../src/protocol/api.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { ask, problemOf } from "../http/ask.ts";
import { ABSENT_DATABASE } from "../thread/absent-database.ts";
import { eventually } from "../thread/client.ts";
import type { Conversation } from "../thread/conversation.ts";
import { objectEnv } from "../thread/held-model.ts";
import { DATABASES, type DatabaseName, migrateShards, somebodyIn, talk } from "./people.ts";

/** The one that is away, and the question that its users ask meanwhile. */
const AWAY = "HISTORY_1";
const MEANWHILE = "What does a lost zebra cost?";
/** Past the longest pause between two tries, in milliseconds. */
const LATER_MS = 60_000;
/** Bindings with which requests find it away. */
const bindings = { [AWAY]: ABSENT_DATABASE.DB };

const threads = new Map<DatabaseName, Conversation>();

beforeAll(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  await migrateShards();
  for (const name of DATABASES) threads.set(name, await talk(await somebodyIn(name), "Hello."));
});
afterEach(() => vi.restoreAllMocks());

function threadIn(name: DatabaseName): Conversation {
  const thread = threads.get(name);
  if (thread === undefined) throw new Error(`Nobody has talked in ${name}.`);
  return thread;
}

const as = ({ owner }: Conversation, path: string) =>
  ask(path, { token: owner.access_token, bindings });

/** Cuts the objects' way to it. */
async function cutDatabase(): Promise<void> {
  const database: unknown = Reflect.get(await objectEnv(), AWAY);
  if (!isDatabase(database)) throw new Error("The objects have no such database.");
  vi.spyOn(database, "batch").mockRejectedValue(new Error("D1 is away"));
}

/** @returns whether the history had the answer when it was told. */
async function isPersisted(thread: Conversation, question: string): Promise<boolean> {
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  const { data } = await client.completed(run_id);
  client.close();
  expect(data.status).toBe("completed");
  return data.persisted;
}

/** @returns what of the history, and of its databases, is not as it should be. */
async function degraded(): Promise<string[]> {
  const { parts } = Health.parse(await (await ask("/health", { bindings })).json());
  return Object.keys(parts).filter((part) => parts[part] === "degraded");
}

describe("while one is away", () => {
  it("its users are told so, and read their threads all the same", async () => {
    const thread = threadIn(AWAY);
    for (const path of ["/api/threads", "/api/messages", "/api/runs", "/api/search?q=zebra"]) {
      expect(await problemOf(await as(thread, path))).toMatchObject({ code: "unavailable" });
    }
    const said = await as(thread, `${thread.path}/messages`);
    expect(said.status).toBe(200);
  });

  it.each(DATABASES.filter((name) => name !== AWAY))(
    "the lists of those in %s are as they were",
    async (name) => {
      const thread = threadIn(name);
      const { data } = ThreadPage.parse(await (await as(thread, "/api/threads")).json());
      expect(data.map(({ id }) => id)).toEqual([thread.threadId]);
      for (const path of ["/api/messages", "/api/runs", "/api/search?q=zebra"]) {
        expect((await as(thread, path)).status).toBe(200);
      }
    },
  );

  it("new requests are served, and the report names which it is", async () => {
    expect((await ask("/health/ready", { bindings })).status).toBe(200);
    expect(await degraded()).toEqual([`database:${AWAY}`]);
  });

  it("every chat goes on, and what was said meanwhile follows when it is back", async () => {
    await cutDatabase();
    for (const name of DATABASES) {
      expect(await isPersisted(threadIn(name), MEANWHILE)).toBe(name !== AWAY);
    }
    const thread = threadIn(AWAY);
    const { clock } = portsOf(await objectEnv());
    for (const tries of [1, 2]) {
      vi.spyOn(clock, "now").mockImplementation(() => Date.now() + tries * LATER_MS);
      await thread.alarm();
    }
    await eventually(async () => expect(await degraded()).toContain(`history:${AWAY}`));
    const { access_token: token } = thread.owner;
    const { data } = CircuitBreakers.parse(
      await (await ask("/api/circuit-breakers", { token })).json(),
    );
    const open = data.filter(({ state }) => state !== "closed");
    expect(open.map(({ part }) => part)).toEqual([`history:${AWAY}`]);

    vi.restoreAllMocks();
    vi.spyOn(clock, "now").mockImplementation(() => Date.now() + 3 * LATER_MS);
    await thread.settled();
    const found = await ask("/api/search?q=lost", { token });
    expect(await found.text()).toContain(MEANWHILE);
  });
});
