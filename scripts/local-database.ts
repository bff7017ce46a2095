/** Opens the local D1 database as a SQLite file, for bulk work that would be too slow through a Worker. */
import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import * as z from "zod";
import { sortOut } from "../src/usage/batch.ts";
import type { SampleStore } from "../src/usage/load-sample.ts";
import { cataloguePrices } from "../src/usage/prices.ts";
import { PricedRecord } from "../src/usage/record.ts";
import { dailyPrices } from "../src/usage/sample/daily-prices.ts";
import { Failure } from "./processes.ts";

const COLUMNS = PricedRecord.keyof().options;

const INSERT_RECORD = `
  INSERT INTO usage_records (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})
  ON CONFLICT (workspace_id, record_id) DO NOTHING`;

const ExtentRow = z.object({
  first: z.number().nullable(),
  last: z.number().nullable(),
  records: z.number(),
});

/** The record that `wrangler d1 migrations apply` keeps of each migration, so that both ways can be mixed. */
const CREATE_MIGRATIONS = `
  CREATE TABLE IF NOT EXISTS d1_migrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
  )`;

const AppliedRow = z.object({ name: z.string() });

/**
 * Applies the migrations that a local D1 does not have yet, in the order of their names, each whole
 * or not at all. The file is made where it is missing; nothing else may have it open meanwhile.
 * @param persistTo the directory that `wrangler dev` keeps its state in.
 * @param migrations the directory of their `.sql` files.
 * @throws {Failure} naming the migration that can't be applied.
 */
export function migrateLocalDatabase(
  persistTo: string,
  databaseId: string,
  migrations: string,
): void {
  const file = localFile(persistTo, databaseId);
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  let doing = "the table of migrations";
  try {
    database.exec(CREATE_MIGRATIONS);
    const rows = database.prepare("SELECT name FROM d1_migrations").all();
    const applied = new Set(rows.map((row) => AppliedRow.parse(row).name));
    const files = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
    for (const name of files.filter((name) => !applied.has(name)).sort()) {
      doing = name;
      database.exec(`BEGIN; ${readFileSync(join(migrations, name), "utf8")}`);
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").run(name);
      database.exec("COMMIT");
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`The local database can't be prepared, by ${doing}: ${reason} (${file})`);
  } finally {
    database.close();
  }
}

/** Usage in the file. Nothing else may have it open meanwhile. */
export interface LocalDatabase extends SampleStore, Disposable {
  hasProfile(workspaceId: string): boolean;
}

/**
 * Opens the file of a local D1 that has its migrations.
 * @param persistTo the directory that `wrangler dev` keeps its state in.
 * @throws {Failure} where no such file is there.
 */
export function openLocalDatabase(persistTo: string, databaseId: string): LocalDatabase {
  const file = localFile(persistTo, databaseId);
  if (!existsSync(file)) throw new Failure(`The local database is not where it should be: ${file}`);
  const database = new DatabaseSync(file);
  // A killed process loses nothing by this; a power cut may, of what can be loaded again.
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -131072");
  return {
    hasProfile: (workspaceId) =>
      database.prepare("SELECT 1 FROM usage_profiles WHERE workspace_id = ?").get(workspaceId) !==
      undefined,

    async extent(workspaceId) {
      const row = database
        .prepare(
          "SELECT MIN(ts) AS first, MAX(ts) AS last, COUNT(*) AS records FROM usage_records WHERE workspace_id = ?",
        )
        .get(workspaceId);
      const { first, last, records } = ExtentRow.parse(row);
      return first === null || last === null ? null : { first, last, records };
    },

    async ingest(records) {
      const { admitted, rejected } = sortOut(records, dailyPrices(cataloguePrices));
      if (rejected.length > 0)
        throw new Error(`A record contradicts itself: ${rejected[0]?.reason}`);
      const insert = database.prepare(INSERT_RECORD);
      let stored = 0;
      database.exec("BEGIN");
      for (const record of admitted) {
        stored += Number(insert.run(...COLUMNS.map((column) => toSql(record[column]))).changes);
      }
      database.exec("COMMIT");
      return { stored, known: admitted.length - stored, quarantined: 0 };
    },

    [Symbol.dispose]: () => database.close(),
  };
}

/** Lists are kept as JSON, as through the Worker. */
function toSql(value: PricedRecord[keyof PricedRecord]): SQLInputValue {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** Where the local platform keeps a D1. */
function localFile(persistTo: string, databaseId: string): string {
  const name = `${objectId("miniflare-D1DatabaseObject", databaseId)}.sqlite`;
  return join(persistTo, "d1", "miniflare-D1DatabaseObject", name);
}

/** The id of a named Durable Object, as the local platform makes it: it names the object's file. */
function objectId(namespace: string, name: string): string {
  const key = createHash("sha256").update(namespace).digest();
  const keyed = (data: string | Buffer) =>
    createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const hashed = keyed(name);
  return Buffer.concat([hashed, keyed(hashed)]).toString("hex");
}
