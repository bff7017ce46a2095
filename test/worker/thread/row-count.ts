/** Counts the rows that a thread's object and D1 write, indexes included, as the platform bills them. */
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Conversation } from "./conversation.ts";
import { objectEnv } from "./held-model.ts";

export interface RowsWritten {
  /** By table. */
  readonly object: Readonly<Record<string, number>>;
  readonly d1: number;
  /** How often the alarm was set or deleted, which writes a row that SQL does not show. */
  readonly alarms: number;
}

const WRITE = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)/;

/** Counts from here on, in this life of the object. @returns what gives the figures so far. */
export async function countRows(thread: Conversation): Promise<() => Promise<RowsWritten>> {
  const writes: { readonly table: string; readonly cursor: { readonly rowsWritten: number } }[] =
    [];
  let alarms = 0;
  let d1 = 0;
  await runInDurableObject(thread.object, (_, { storage }) => {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    vi.spyOn(sql, "exec").mockImplementation((query, ...bindings) => {
      const cursor = exec(query, ...bindings);
      writes.push({ table: WRITE.exec(query)?.[1] ?? "none", cursor });
      return cursor;
    });
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
  const { DB } = await objectEnv();
  const batch = DB.batch.bind(DB);
  vi.spyOn(DB, "batch").mockImplementation(async (statements) => {
    const results = await batch(statements);
    for (const { meta } of results) d1 += meta.rows_written;
    return results;
  });
  return () =>
    // A cursor is asked only when it was read to its end, and only by the object that made it.
    runInDurableObject(thread.object, () => {
      const object: Record<string, number> = {};
      for (const { table, cursor } of writes) {
        if (cursor.rowsWritten > 0) object[table] = (object[table] ?? 0) + cursor.rowsWritten;
      }
      return { object, d1, alarms };
    });
}
