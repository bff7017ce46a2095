/** What a turn costs its user's object: the rows that it writes, and the requests that it is asked. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { Account } from "../../../src/account/account-object.ts";
import { eventually } from "../thread/client.ts";
import { beginThread } from "../thread/conversation.ts";
import { holdModel } from "../thread/held-model.ts";
import { userFeed } from "./user-feed.ts";

/** That the run began, and that it ended: two events of the feed; what it spent, of the day and by itself. */
const ROWS = { journal: 2, spend: 1, ledger: 1 };
/** A place for the message, and what its thread tells of the run. */
const REQUESTS = { reserve: 1, announce: 2 };

afterEach(() => {
  vi.restoreAllMocks();
});

it("a turn writes four rows there, in three requests, however many pieces it comes in", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  const client = await thread.connect();
  const first = await client.say("names the thread");
  (await model.turn("names the thread")).end("Hello.");
  await client.completed(first.run_id);
  await thread.settled();

  const { object } = await userFeed(thread.owner);
  const cursors: { readonly table: string; readonly cursor: { readonly rowsWritten: number } }[] =
    [];
  await runInDurableObject(object, (_, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    vi.spyOn(storage.sql, "exec").mockImplementation((query, ...bindings) => {
      const cursor = exec(query, ...bindings);
      const [, table = "none"] = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)/.exec(query) ?? [];
      cursors.push({ table, cursor });
      return cursor;
    });
  });
  const asked = {
    reserve: vi.spyOn(Account.prototype, "reserve"),
    announce: vi.spyOn(Account.prototype, "announce"),
  };
  const { run_id } = await client.say("a turn");
  const turn = await model.turn("a turn");
  for (let piece = 0; piece < 250; piece += 1) turn.write("word ");
  turn.end();
  await client.completed(run_id);

  await eventually(async () => {
    const written: Record<string, number> = {};
    // A cursor is asked only when it was read to its end, and only by the object that made it.
    await runInDurableObject(object, () => {
      for (const { table, cursor } of cursors) {
        if (cursor.rowsWritten > 0) written[table] = (written[table] ?? 0) + cursor.rowsWritten;
      }
    });
    expect(written).toEqual(ROWS);
  });
  expect({
    reserve: asked.reserve.mock.calls.length,
    announce: asked.announce.mock.calls.length,
  }).toEqual(REQUESTS);
});
