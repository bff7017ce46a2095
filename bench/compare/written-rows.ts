/**
 * Counts, inside a Worker, the rows that its objects and its D1 write, indexes included, as the
 * runtime itself tells it (`rowsWritten`, `meta.rows_written`). Each contender has an entry that adds it;
 * what is timed runs without.
 */
import * as z from "zod";

/** Where an entry that counts tells what was written so far. */
export const WRITTEN_PATH = "/api/written-rows";

export const Written = z.object({
  /** By who wrote them: an object's class, or D1. A pair of the key-value interface is one row. */
  rows: z.record(z.string(), z.number()),
  /** How often an alarm was set or deleted, which writes a row that SQL does not show. */
  alarms: z.number(),
});
export type Written = z.infer<typeof Written>;

const written: Written = { rows: {}, alarms: 0 };
const counted = new WeakSet<object>();

/** @returns the answer to a request for the figures; null to any other request. */
export function answerWritten(request: Request): Response | null {
  return new URL(request.url).pathname === WRITTEN_PATH ? Response.json(written) : null;
}

/** Counts what an object of a class writes from here on. */
export function countObject(className: string, { storage }: DurableObjectState): void {
  const exec = storage.sql.exec.bind(storage.sql);
  Object.defineProperty(storage.sql, "exec", {
    value(query: string, ...bindings: unknown[]) {
      const cursor = exec(query, ...bindings);
      // SQLite has written all of a statement's rows when the first of its results is there.
      add(className, cursor.rowsWritten);
      return cursor;
    },
  });
  for (const name of ["put", "delete"] as const) {
    before(storage, name, ([entries]) => {
      add(className, isEntries(entries) ? Object.keys(entries).length : 1);
    });
    before(storage.kv, name, () => {
      add(className, 1);
    });
  }
  for (const name of ["setAlarm", "deleteAlarm"] as const) {
    before(storage, name, () => {
      written.alarms += 1;
    });
  }
}

/** Counts what is written to a database from here on, once however often it is handed in. */
export function countDatabase(database: D1Database): void {
  if (counted.has(database)) return;
  counted.add(database);
  const batch = database.batch.bind(database);
  database.batch = async <Row>(statements: D1PreparedStatement[]) => {
    const results = await batch<Row>(statements);
    for (const { meta } of results) add("D1", meta.rows_written);
    return results;
  };
  const prepare = database.prepare.bind(database);
  database.prepare = (query) => countStatement(prepare(query));
}

function countStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const { run, all, bind } = statement;
  statement.run = async <Row>() =>
    note(await run.call<D1PreparedStatement, [], Promise<D1Result<Row>>>(statement));
  statement.all = async <Row>() =>
    note(await all.call<D1PreparedStatement, [], Promise<D1Result<Row>>>(statement));
  statement.bind = (...values) => countStatement(bind.apply(statement, values));
  return statement;
}

function note<Row>(result: D1Result<Row>): D1Result<Row> {
  add("D1", result.meta.rows_written);
  return result;
}

function add(writer: string, rows: number): void {
  if (rows > 0) written.rows[writer] = (written.rows[writer] ?? 0) + rows;
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

function isEntries(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
