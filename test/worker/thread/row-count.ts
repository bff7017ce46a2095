/** Counts the rows that a turn writes, in its thread's object, its user's, and D1, indexes included, as the platform bills them. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { accountObjectName } from "../../../src/durable/names.ts";
import type { Conversation } from "./conversation.ts";
import { objectEnv } from "./held-model.ts";

/** By table. */
type Tables = Readonly<Record<string, number>>;

export interface RowsWritten {
  readonly thread: Tables;
  readonly account: Tables;
  readonly d1: Tables;
  /** How often the thread's alarm was set or deleted, which writes a row that SQL does not show. */
  readonly alarms: number;
}

const WRITE = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)/;

/** Counts from here on, in this life of the objects. @returns what gives the figures so far. */
export async function countRows(thread: Conversation): Promise<() => Promise<RowsWritten>> {
  const account = env.ACCOUNTS.getByName(accountObjectName(thread.owner.user.id));
  const ofThread = await countObject(thread.object);
  const ofAccount = await countObject(account);
  const ofHistory = await countHistory(thread);
  let alarms = 0;
  await runInDurableObject(thread.object, (_, { storage }) => {
    const setAlarm = storage.setAlarm.bind(storage);
    vi.spyOn(storage, "setAlarm").mockImplementation((...when) => {
      alarms += 1;
      return setAlarm(...when);
    });
    const deleteAlarm = storage.deleteAlarm.bind(storage);
    vi.spyOn(storage, "deleteAlarm").mockImplementation((...how) => {
      alarms += 1;
      return deleteAlarm(...how);
    });
  });
  return async () => ({
    thread: await ofThread(),
    account: await ofAccount(),
    d1: ofHistory(),
    alarms,
  });
}

/** Counts what the thread's user has written into D1, and nobody else whose objects are in this isolate. */
async function countHistory({ owner }: Conversation): Promise<() => Tables> {
  const { DB } = await objectEnv();
  const tables: Record<string, number> = {};
  const tableOf = new WeakMap<D1PreparedStatement, string>();
  const prepare = DB.prepare.bind(DB);
  vi.spyOn(DB, "prepare").mockImplementation((query) => {
    const statement = prepare(query);
    const bind = statement.bind.bind(statement);
    vi.spyOn(statement, "bind").mockImplementation((...values) => {
      const bound = bind(...values);
      const isOwn = values.some((value) => String(value).includes(owner.user.id));
      if (isOwn) tableOf.set(bound, WRITE.exec(query)?.[1] ?? "none");
      return bound;
    });
    return statement;
  });
  const batch = DB.batch.bind(DB);
  vi.spyOn(DB, "batch").mockImplementation(async (statements) => {
    const results = await batch(statements);
    for (const [index, { meta }] of results.entries()) {
      const statement = statements[index];
      const table = statement && tableOf.get(statement);
      if (table === undefined || meta.rows_written === 0) continue;
      tables[table] = (tables[table] ?? 0) + meta.rows_written;
    }
    return results;
  });
  return () => tables;
}

/** Counts what an object writes by SQL from here on. @returns what gives the rows by table. */
export async function countObject(
  object: DurableObjectStub<undefined>,
): Promise<() => Promise<Tables>> {
  const writes: { readonly table: string; readonly cursor: { readonly rowsWritten: number } }[] =
    [];
  await runInDurableObject(object, (_, { storage: { sql } }) => {
    const exec = sql.exec.bind(sql);
    vi.spyOn(sql, "exec").mockImplementation((query, ...bindings) => {
      const cursor = exec(query, ...bindings);
      writes.push({ table: WRITE.exec(query)?.[1] ?? "none", cursor });
      return cursor;
    });
  });
  return () =>
    // A cursor is asked only when it was read to its end, and only by the object that made it.
    runInDurableObject(object, () => {
      const tables: Record<string, number> = {};
      for (const { table, cursor } of writes) {
        if (cursor.rowsWritten > 0) tables[table] = (tables[table] ?? 0) + cursor.rowsWritten;
      }
      return tables;
    });
}

/** @returns all rows, those of alarms left out. */
export function sumOf({ thread, account, d1 }: RowsWritten): number {
  return [thread, account, d1]
    .flatMap((tables) => Object.values(tables))
    .reduce((sum, each) => sum + each, 0);
}
