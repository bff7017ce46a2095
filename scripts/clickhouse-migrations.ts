/** Brings the tables of a ClickHouse server up to date: each file of migrations/clickhouse once, in order. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { ClickhouseSettings, clickhouseOf } from "../src/env/clickhouse.ts";
import {
  type ClickhouseConnection,
  type ClickhouseServer,
  connectClickhouse,
} from "../src/usage/clickhouse/connection.ts";

import { clickhouseUsageStore } from "../src/usage/clickhouse/store.ts";
import type { UsageStore } from "../src/usage/store.ts";
import { Failure } from "./processes.ts";

const DIRECTORY = join(import.meta.dirname, "../migrations/clickhouse");
const DEADLINE_MS = 60_000;
const Named = z.object({ name: z.string() });
/** A server that was never migrated has no table of them. */
const TABLE =
  "SELECT name FROM system.tables WHERE database = currentDatabase() AND name = 'migrations'";

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
  const missing = await missingMigrations(clickhouse);
  for (const name of missing) {
    await clickhouse.command(await readFile(join(DIRECTORY, name), "utf8"));
    await clickhouse.insert("migrations", [{ name }]);
  }
  return missing;
}

/** @returns the names of those that a server has not, in their order. @throws {ApexError} `unavailable`. */
export async function missingMigrations(clickhouse: ClickhouseConnection): Promise<string[]> {
  const [table] = await clickhouse.query(Named, ["name"], TABLE);
  const asked = "SELECT name FROM migrations";
  const applied = table === undefined ? [] : await clickhouse.query(Named, ["name"], asked);
  const known = new Set(applied.map(({ name }) => name));
  const files = (await readdir(DIRECTORY)).filter((name) => name.endsWith(".sql")).sort();
  return files.filter((name) => !known.has(name));
}

/**
 * @returns the configured server, migrated; null if none is configured.
 * @throws {Failure} if the server fails.
 */
export async function openClickhouse(environment: NodeJS.ProcessEnv): Promise<UsageStore | null> {
  const server = clickhouseSettings(environment);
  if (server === null) return null;
  try {
    await migrateClickhouse(server);
  } catch {
    throw new Failure("The ClickHouse server that CLICKHOUSE_URL names cannot be reached.");
  }
  return clickhouseUsageStore(server, { deadlineMs: DEADLINE_MS });
}

/**
 * An empty setting counts as not set.
 * @throws {Failure} if a setting is invalid.
 */
export function clickhouseSettings(environment: NodeJS.ProcessEnv): ClickhouseServer | null {
  const given = Object.entries(environment).filter(([, value]) => value !== "");
  const settings = z.object(ClickhouseSettings).safeParse(Object.fromEntries(given));
  if (!settings.success) throw new Failure(z.prettifyError(settings.error));
  return clickhouseOf(settings.data);
}
