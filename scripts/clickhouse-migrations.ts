/** Brings the tables of a ClickHouse server up to date: each file of migrations/clickhouse once, in order. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { type ClickhouseServer, connectClickhouse } from "../src/usage/clickhouse/connection.ts";

const DIRECTORY = join(import.meta.dirname, "../migrations/clickhouse");
const DEADLINE_MS = 60_000;
const Applied = z.object({ name: z.string() });

/**
 * A file holds one statement, which may run again: a migration that broke off is repeated.
 * @returns the names of those that were new.
 * @throws {ApexError} `unavailable` where the server fails.
 */
export async function migrateClickhouse(server: ClickhouseServer): Promise<string[]> {
  const clickhouse = connectClickhouse(server, DEADLINE_MS);
  await clickhouse.command(
    "CREATE TABLE IF NOT EXISTS migrations (name String) ENGINE = MergeTree ORDER BY name",
  );
  const applied = await clickhouse.query(Applied, ["name"], "SELECT name FROM migrations");
  const known = new Set(applied.map(({ name }) => name));
  const files = (await readdir(DIRECTORY)).filter((name) => name.endsWith(".sql")).sort();
  const missing = files.filter((name) => !known.has(name));
  for (const name of missing) {
    await clickhouse.command(await readFile(join(DIRECTORY, name), "utf8"));
    await clickhouse.insert("migrations", [{ name }]);
  }
  return missing;
}
