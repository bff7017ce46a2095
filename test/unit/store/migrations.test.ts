/** Migrations only ever add: databases that hold rows of any version keep every one of them, and old code goes on. */
import { globSync, readFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { expect, test } from "vitest";
import { z } from "zod";

const FILES = globSync("migrations/*.sql").toSorted();
const Column = z.object({ name: z.string(), type: z.string() });
const Named = z.object({ name: z.string() });

function apply(database: DatabaseSync, files: readonly string[]): void {
  for (const file of files) database.exec(readFileSync(file, "utf8"));
}

const tablesOf = (database: DatabaseSync) =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map((row) => Named.parse(row).name)
    .filter((name) => !/_fts(_|$)/.test(name));

const columnsOf = (database: DatabaseSync, table: string) =>
  database
    .prepare(`SELECT name, type FROM pragma_table_info(?)`)
    .all(table)
    .map((row) => Column.parse(row));

/** @returns something that fits the column, another for each row. */
function someValue({ name, type }: z.infer<typeof Column>, row: number): SQLInputValue {
  if (/INT/i.test(type)) return row;
  if (/REAL|NUM/i.test(type)) return row + 0.5;
  return `${name}-${row}`;
}

function insertRows(database: DatabaseSync): void {
  for (const table of tablesOf(database)) {
    const columns = columnsOf(database, table);
    const names = columns.map(({ name }) => `"${name}"`).join(", ");
    const places = columns.map(() => "?").join(", ");
    const insert = database.prepare(
      `INSERT OR IGNORE INTO "${table}" (${names}) VALUES (${places})`,
    );
    for (const row of [1, 2, 3]) insert.run(...columns.map((column) => someValue(column, row)));
  }
}

/** @returns every row of every table, by the columns that a version knows. */
function rowsBy(database: DatabaseSync, known: ReadonlyMap<string, readonly string[]>) {
  return [...known].map(([table, columns]): [table: string, rows: readonly unknown[]] => {
    const list = columns.map((name) => `"${name}"`).join(", ");
    return [table, database.prepare(`SELECT ${list} FROM "${table}" ORDER BY 1, 2`).all()];
  });
}

test("there are migrations, each of a name of its own, in an order", () => {
  const numbers = FILES.map((file) => Number(/(\d{4})_/.exec(file)?.[1]));
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(numbers.length).toBeGreaterThan(5);
});

test.each(FILES.slice(0, -1).map((file, index) => [file, index] as const))(
  "what stands in a database of the version of %s stays, and can be written by its code",
  (_, index) => {
    using database = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false });
    apply(database, FILES.slice(0, index + 1));
    insertRows(database);
    const known = new Map(
      tablesOf(database).map((table) => [
        table,
        columnsOf(database, table).map(({ name }) => name),
      ]),
    );
    const before = rowsBy(database, known);
    expect(before.flatMap(([, rows]) => rows).length).toBeGreaterThan(0);

    apply(database, FILES.slice(index + 1));
    expect(rowsBy(database, known)).toEqual(before);
    // The code before does not know what was added: it must be able to leave it out.
    for (const [table, columns] of known) {
      const list = columns.map((name) => `"${name}"`).join(", ");
      database.exec(`CREATE TEMP TABLE copied AS SELECT ${list} FROM "${table}"`);
      database.exec(`DELETE FROM "${table}"`);
      database.exec(`INSERT INTO "${table}" (${list}) SELECT ${list} FROM copied`);
      database.exec("DROP TABLE copied");
    }
    expect(rowsBy(database, known)).toEqual(before);
  },
);
