/** What a product keeps in its databases on the disk, read beside it. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A row of any table, as JSON: its columns are not known here. */
type Row = Readonly<Record<string, unknown>>;

/** @returns every row of every table of a database on the disk, by table. */
export function rowsOf(file: string): Map<string, Row[]> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    const names = tables.map(({ name }) => String(name));
    return new Map(
      names.map((name) => [name, readAll(database.prepare(`SELECT * FROM "${name}"`))]),
    );
  } finally {
    database.close();
  }
}

/** The moments of alarms are in nanoseconds: too large for a number. */
function readAll(query: StatementSync): Row[] {
  query.setReadBigInts(true);
  return query.all();
}

/** @returns the files of the databases below a directory of a product's state. */
export function databasesBelow(state: string, directory: string): string[] {
  const files = globSync(join(state, "v3", directory, "**/*.sqlite"));
  return files.filter((file) => /[0-9a-f]{64}\.sqlite$/.test(file));
}

/** For `JSON.stringify`: bytes and large numbers as text. */
export function asText(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  return typeof value === "bigint" ? String(value) : value;
}
