/** The comparing bench reads SQLite's logs as SQLite writes them. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLogs, writtenBetween } from "../../../bench/compare/state-growth.ts";
import { temporaryState } from "../../e2e/product.ts";

const PAGE = 4_096;
const FRAME_HEADER = 24;

let state: Awaited<ReturnType<typeof temporaryState>>;
let database: DatabaseSync;

beforeEach(async () => {
  state = await temporaryState();
  database = new DatabaseSync(join(state.path, "one.sqlite"));
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT)");
});
afterEach(async () => {
  database.close();
  await state.remove();
});

test("a row in one page is a frame of one page", () => {
  const before = readLogs(state.path);
  database.exec("INSERT INTO words VALUES ('one')");
  expect(writtenBetween(before, readLogs(state.path))).toBe(PAGE + FRAME_HEADER);
});

test("nothing written is no bytes", () => {
  expect(writtenBetween(readLogs(state.path), readLogs(state.path))).toBe(0);
});

test("a log that was begun anew in between gives no figure, and the frames it left count no more", () => {
  for (let row = 0; row < 5; row += 1) database.exec("INSERT INTO words VALUES ('one')");
  const before = readLogs(state.path);
  database.exec("PRAGMA wal_checkpoint(RESTART); INSERT INTO words VALUES ('two')");
  const after = readLogs(state.path);
  expect(writtenBetween(before, after)).toBeNull();
  expect([...after.values()].map(({ frames }) => frames)).toEqual([1]);
});

test("a database that is new counts from its beginning", () => {
  const before = readLogs(state.path);
  using other = new DatabaseSync(join(state.path, "two.sqlite"));
  other.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT)");
  expect(writtenBetween(before, readLogs(state.path))).toBeGreaterThan(0);
});
