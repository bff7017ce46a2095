/** An account that ends while its first thread is made, in another database: whichever comes first, nothing is left. */
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { timestamp } from "../../../src/core/clock.ts";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import type { UserId } from "../../../src/protocol/ids.ts";
import { AccountRows } from "../../../src/store/account-rows.ts";
import type { HistoryDatabase } from "../../../src/store/database.ts";
import { keepOwner } from "../../../src/store/history-owner.ts";
import { threads } from "../../../src/store/history-tables.ts";
import { Threads } from "../../../src/store/threads.ts";
import { rowsOfDatabase } from "../account/remains.ts";
import { DATABASES, databaseOf, migrateShards, somebodyIn } from "./people.ts";

let id: UserId;
let history: HistoryDatabase;
let rows: AccountRows;

beforeAll(migrateShards);
beforeEach(async () => {
  id = (await somebodyIn("HISTORY_1")).user.id;
  history = historyDatabase(env, id);
  rows = new AccountRows(history, id);
});

async function remains(): Promise<string[]> {
  const all = await Promise.all(DATABASES.map((name) => rowsOfDatabase(databaseOf(name))));
  return all.flat().filter((row) => row.includes(id));
}

it("the account is seen, and then it ends: the thread is refused", async () => {
  await keepOwner(history, id);
  expect(await rows.delete()).toBe(true);

  const row = { id: "late", user_id: id, created_at: timestamp(0), updated_at: timestamp(0) };
  await expect(history.insert(threads).values(row)).rejects.toThrow();
  expect(await remains()).toEqual([]);
});

it("the account has gone, and its shard not yet: a thread of that moment goes too", async () => {
  const { id: threadId } = await new Threads(history, id).create({}, timestamp(0));
  await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(id).run();

  expect(await rows.delete()).toBe(false);
  expect(await rows.threads(9)).toEqual([threadId]);
  await new Threads(history, id).delete(threadId);
  expect(await rows.delete()).toBe(true);
  expect(await remains()).toEqual([]);
});

it("the account has gone before anybody looked: no row is left of the try", async () => {
  expect(await rows.delete()).toBe(true);
  await expect(new Threads(history, id).create({}, timestamp(0))).rejects.toThrow();
  expect(await remains()).toEqual([]);
});
