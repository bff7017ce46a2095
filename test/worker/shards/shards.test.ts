/** The history in three databases: everybody's is in one of them, whole, and whatever reads it finds it there. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { timestamp } from "../../../src/core/clock.ts";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import { DeletionReceipt } from "../../../src/protocol/account.ts";
import { Credentials, ThreadPage } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/protocol/entities.ts";
import { HistoryPage, SearchPage } from "../../../src/protocol/history.ts";
import { RunPage } from "../../../src/protocol/runs.ts";
import { CreatedThreadShare, SharedThread } from "../../../src/protocol/sharing.ts";
import { History, HistoryRow } from "../../../src/store/history.ts";
import { Threads } from "../../../src/store/threads.ts";
import { consoleLog } from "../../../src/telemetry/log.ts";
import { ownRecord } from "../../../src/usage/own-calls.ts";
import { ownUsageWriter } from "../../../src/usage/own-usage-writer.ts";
import { rowsOfDatabase } from "../account/remains.ts";
import { ask } from "../http/ask.ts";
import { savedRun } from "../store/conversation.ts";
import { eventually } from "../thread/client.ts";
import type { Conversation } from "../thread/conversation.ts";
import {
  DATABASES,
  type DatabaseName,
  databaseOf,
  filledTables,
  migrateShards,
  somebodyIn,
  talk,
} from "./people.ts";

const QUESTION = "Which zebra is cheaper?";
const HISTORY = ["messages", "run_reports", "runs", "thread_shares", "threads"];
const SAID = new RegExp(`^D1 (${HISTORY.join("|")}):`);

const threads = new Map<DatabaseName, Conversation>();

beforeAll(async () => {
  await migrateShards();
  for (const name of DATABASES) threads.set(name, await talk(await somebodyIn(name), QUESTION));
});

function threadIn(name: DatabaseName): Conversation {
  const thread = threads.get(name);
  if (thread === undefined) throw new Error(`Nobody has talked in ${name}.`);
  return thread;
}

const others = (name: DatabaseName) => DATABASES.filter((other) => other !== name);

/** Asks as the owner of a thread. */
async function read<Schema extends z.ZodType>(
  { owner }: Conversation,
  schema: Schema,
  path: string,
): Promise<z.output<Schema>> {
  return schema.parse(await (await ask(path, { token: owner.access_token })).json());
}

async function share(thread: Conversation): Promise<CreatedThreadShare> {
  return CreatedThreadShare.parse(await (await thread.ask("/share", { method: "POST" })).json());
}

const open = (token: string) => ask(`/api/shared/${token}`);

/** @returns the databases in which a word is found, in these tables. */
async function placesOf(word: string, tables = /./): Promise<string[]> {
  const places: string[] = [];
  for (const name of DATABASES) {
    const rows = await rowsOfDatabase(databaseOf(name));
    if (rows.some((row) => tables.test(row) && row.includes(word))) places.push(name);
  }
  return places;
}

describe.each(DATABASES)("whoever's history is in %s", (name) => {
  it("has all of it there, and none of it elsewhere", async () => {
    const { threadId, owner } = threadIn(name);

    expect(await placesOf(threadId, SAID)).toEqual([name]);
    expect(await placesOf(owner.user.email)).toEqual(["DB"]);
  });

  it("is told of their threads, messages and runs, and of nobody else's", async () => {
    const thread = threadIn(name);
    const listed = await read(thread, ThreadPage, "/api/threads?page=1");
    expect(listed.data.map(({ id }) => id)).toEqual([thread.threadId]);

    const said = await read(thread, HistoryPage, "/api/messages");
    expect(said.data.map(({ role }) => role).toSorted()).toEqual(["assistant", "user"]);
    const found = await read(thread, SearchPage, "/api/search?q=zebra");
    expect(found.data.map(({ thread_id }) => thread_id)).toContain(thread.threadId);
    expect(new Set(found.data.map(({ thread_id }) => thread_id)).size).toBe(1);
    const runs = await read(thread, RunPage, "/api/runs");
    expect(runs.data).toMatchObject([{ thread_id: thread.threadId, status: "completed" }]);
    expect(await thread.messages()).toHaveLength(2);
  });

  it("shows a thread by a link that leads there, and nowhere else", async () => {
    const { token } = await share(threadIn(name));
    expect(token.split("~").slice(1)).toEqual(name === "DB" ? [] : [name]);

    const shown = SharedThread.parse(await (await open(token)).json());
    expect(shown.data[0]?.content).toBe(QUESTION);
    const [secret = ""] = token.split("~");
    for (const other of [...others(name), "NOWHERE", "users"]) {
      const astray = other === "DB" ? secret : `${secret}~${other}`;
      expect((await open(astray)).status).toBe(404);
    }

    expect((await threadIn(name).ask("/share", { method: "DELETE" })).status).toBe(204);
    expect((await open(token)).status).toBe(404);
  });

  it("talks at other doors, and it is kept there too", async () => {
    const said = `Asked at a door of ${name}.`;
    const body = { model: "apex-triage", messages: [{ role: "user", content: said }] };
    const { access_token: token } = await somebodyIn(name);
    const answer = await ask("/v1/chat/completions", { token, body });
    expect(answer.status).toBe(200);
    await eventually(async () => expect(await placesOf(said, SAID)).toEqual([name]));
  });

  it("is looked after by operators, who find what was refused", async () => {
    const { threadId, owner } = threadIn(name);
    const body = { email: `operator-in-${name}@example.com`, permissions: ["operator"] };
    const login = await ask("/api/auth/dev-login", { body });
    const { access_token: token } = Credentials.parse(await login.json());
    const path = `/api/operator/threads/${owner.user.id}/${threadId}/dead-letters`;
    const answer = await ask(path, { token });
    expect(await answer.json()).toEqual({ data: [], total: 0 });
  });

  it("has forks there too", async () => {
    const thread = threadIn(name);
    const [{ id: message_id } = { id: "" }] = await thread.messages();
    const answer = await thread.ask("/fork", { body: { message_id } });
    const { id } = Thread.parse(await answer.json());

    expect(answer.status).toBe(201);
    expect(await placesOf(id, SAID)).toEqual([name]);
    const gone = await ask(`/api/threads/${id}`, { method: "DELETE", token: tokenOf(thread) });
    expect(gone.status).toBe(204);
    expect(await placesOf(id, SAID)).toEqual([]);
  });

  it("takes all of it along", async () => {
    const thread = threadIn(name);
    const { token } = await share(thread);
    const exported = await ask("/api/account/export", { token: tokenOf(thread) });
    const text = new TextDecoder().decode(await exported.arrayBuffer());
    const lines = text.trim().split("\n");
    const kinds = lines.map((line) => z.object({ kind: z.string() }).parse(JSON.parse(line)).kind);

    for (const kind of [
      "preferences",
      "session",
      "thread_share",
      "thread",
      "message",
      "run",
      "end",
    ]) {
      expect(kinds).toContain(kind);
    }
    expect(kinds.filter((kind) => kind === "message")).toHaveLength(2);
    expect((await open(token)).status).toBe(200);
  });

  it("pays for calls of models where all usage is, once", async () => {
    const { threadId, owner } = threadIn(name);
    const { id } = owner.user;
    const usageOf = { db: env.DB, clickhouse: null, log: consoleLog };
    const history = new History(historyDatabase(env, id), id, ownUsageWriter(usageOf, id));
    const row = savedRun(threadId, 99);
    const runId = row.kind === "run" ? row.run.id : threadId;
    const call = ownRecord({
      ...{ workspaceId: id, runId, place: 1, at: Date.UTC(2026, 9, 1), failed: false },
      ...{ provider: "openai", model: "gpt-5-mini", agent: "supervisor" },
      usage: {
        ...{ inputTokens: 10, cachedInputTokens: 0, outputTokens: 5, reasoningTokens: 0 },
        estimated: false,
      },
    });
    for (const _ of [1, 2]) await history.save([HistoryRow.parse({ ...row, calls: [call] })]);

    expect(await placesOf(`apex-edge:${runId}`)).toEqual(["DB"]);
    expect(new Set(await placesOf(runId))).toEqual(new Set(["DB", name]));
  });

  it("leaves nothing behind, anywhere, and nothing can be made in their name", async () => {
    const { owner } = await talk(await somebodyIn(name), QUESTION);
    const { id, email } = owner.user;
    const body = { email };
    const token = owner.access_token;
    const answer = await ask("/api/account", { method: "DELETE", token, body });

    const receipt = DeletionReceipt.parse(await answer.json());
    expect(receipt.complete).toBe(true);
    expect(receipt.deleted).toMatchObject({ users: 1, threads: 1, messages: 2, runs: 1 });
    expect(Object.values(receipt.left).every((count) => count === 0)).toBe(true);
    expect(await placesOf(id)).toEqual([]);

    await expect(
      new Threads(historyDatabase(env, id), id).create({}, timestamp(0)),
    ).rejects.toThrow();
    expect(await placesOf(id)).toEqual([]);
  });
});

const tokenOf = ({ owner }: Conversation) => owner.access_token;

it.each(["HISTORY_1", "HISTORY_2"] as const)(
  "%s has the history, of its users their ids, and which database it is",
  async (name) => {
    const filled = await filledTables(name);
    expect(filled.filter((table) => !HISTORY.includes(table))).toEqual(["database_mark", "users"]);
    const { results } = await databaseOf(name).prepare("SELECT * FROM users").all();
    const Owner = z.object({ id: z.string(), email: z.string(), name: z.literal("") });
    for (const { id, email } of Owner.array().parse(results)) expect(email).toBe(id);
    expect(results.length).toBeGreaterThan(0);
  },
);
