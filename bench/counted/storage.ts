/** Counts what objects, D1 and KV read and write, as the runtime itself tells it. */
import * as z from "zod";
import { countLate, note, noteAlarm, noteTime } from "./work.ts";

const counted = new WeakSet<object>();

/** Counts what an object of a class reads and writes from here on. */
export function countObject(className: string, { storage }: DurableObjectState): void {
  const exec = storage.sql.exec.bind(storage.sql);
  Object.defineProperty(storage.sql, "exec", {
    value(query: string, ...bindings: unknown[]) {
      const cursor = exec(query, ...bindings);
      // SQLite has written all of a statement's rows when the first of its results is there, but reads
      // as it is asked to.
      note("rowsWritten", className, cursor.rowsWritten);
      countLate(() => note("rowsRead", className, cursor.rowsRead));
      return cursor;
    },
  });
  for (const name of ["put", "delete"] as const) {
    before(storage, name, ([entries]) => note("rowsWritten", className, entriesIn(entries)));
    before(storage.kv, name, () => note("rowsWritten", className, 1));
  }
  before(storage, "get", ([keys]) => note("rowsRead", className, entriesIn(keys)));
  before(storage.kv, "get", () => note("rowsRead", className, 1));
  for (const name of ["setAlarm", "deleteAlarm"] as const) {
    before(storage, name, () => noteAlarm(className, name === "setAlarm"));
  }
}

/** What a statement of D1 tells beside its rows. */
const Meta = z.looseObject({
  meta: z.looseObject({ rows_read: z.number(), rows_written: z.number() }),
});
const Results = z.union([z.array(Meta), Meta.transform((result) => [result])]);

/**
 * Counts what is read from and written to a database from here on, once however often it is handed in.
 * All of its calls pass one method of the binding's own, the only one that sees the rows of them all.
 * @throws where the runtime's binding has no such method any more.
 */
export function countDatabase(database: D1Database): void {
  if (counted.has(database)) return;
  counted.add(database);
  const session: unknown = Reflect.get(database, "alwaysPrimarySession") ?? database;
  if (typeof session !== "object" || session === null) throw new Error("D1 has no session.");
  const send: unknown = Reflect.get(session, "_sendOrThrow");
  if (typeof send !== "function") throw new Error("D1 sends its queries another way.");
  Object.defineProperty(session, "_sendOrThrow", {
    async value(...given: readonly unknown[]) {
      const begun = Date.now();
      const answer: unknown = await Reflect.apply(send, session, given);
      noteTime("D1", Date.now() - begun);
      for (const { meta } of Results.parse(answer)) {
        note("rowsRead", "D1", meta.rows_read);
        note("rowsWritten", "D1", meta.rows_written);
      }
      return answer;
    },
  });
}

/** Counts what is read from and written to KV from here on, once however often it is handed in. */
export function countNamespace(namespace: KVNamespace): void {
  if (counted.has(namespace)) return;
  counted.add(namespace);
  before(namespace, "get", () => note("rowsRead", "KV", 1));
  for (const name of ["put", "delete"] as const) {
    before(namespace, name, () => note("rowsWritten", "KV", 1));
  }
}

/** Has something happen before each call of a method. */
function before<Name extends string>(
  target: Readonly<Record<Name, (...given: never[]) => unknown>>,
  name: Name,
  happens: (given: readonly unknown[]) => void,
): void {
  const method = target[name];
  Object.defineProperty(target, name, {
    configurable: true,
    value(...given: never[]) {
      happens(given);
      return method.apply(target, given);
    },
  });
}

/** How many pairs a call is about: one key, several, or several with their values. */
function entriesIn(given: unknown): number {
  if (Array.isArray(given)) return given.length;
  return typeof given === "object" && given !== null ? Object.keys(given).length : 1;
}
