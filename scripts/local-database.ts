/** The local D1 as the file that it is: what is too slow for the way through a Worker goes straight in. */
import { createHash, createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import * as z from "zod";
import { sortOut } from "../src/usage/batch.ts";
import { cataloguePrices } from "../src/usage/prices.ts";
import { PricedRecord } from "../src/usage/record.ts";
import { dailyPrices } from "../src/usage/sample/daily-prices.ts";
import type { UsageStore } from "../src/usage/store.ts";
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

/** Usage in the file. Nothing else may have it open meanwhile. */
export interface LocalDatabase extends Pick<UsageStore, "extent" | "ingest">, Disposable {
  hasProfile(workspaceId: string): boolean;
}

/**
 * Opens the file of a local D1 that has its migrations.
 * @param persistTo the directory that `wrangler dev` keeps its state in.
 * @throws {Failure} where no such file is there.
 */
export function openLocalDatabase(persistTo: string, databaseId: string): LocalDatabase {
  const name = `${objectId("miniflare-D1DatabaseObject", databaseId)}.sqlite`;
  const file = join(persistTo, "d1", "miniflare-D1DatabaseObject", name);
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

/** The id of a named Durable Object, as the local platform makes it: it names the object's file. */
function objectId(namespace: string, name: string): string {
  const key = createHash("sha256").update(namespace).digest();
  const keyed = (data: string | Buffer) =>
    createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const hashed = keyed(name);
  return Buffer.concat([hashed, keyed(hashed)]).toString("hex");
}
