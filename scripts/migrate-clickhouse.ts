/** `npm run migrations:clickhouse`: brings the ClickHouse server of the settings up to date. */
import { existsSync } from "node:fs";
import { ApexError } from "../src/protocol/errors.ts";
import { clickhouseSettings, migrateClickhouse } from "./clickhouse-migrations.ts";
import { Failure } from "./processes.ts";

if (existsSync(".env")) process.loadEnvFile(".env");

try {
  const server = clickhouseSettings(process.env);
  if (server === null) throw new Failure("Set CLICKHOUSE_URL to the server whose tables to make.");
  const applied = await migrateClickhouse(server);
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "Up to date already.");
} catch (error) {
  if (!(error instanceof Failure || error instanceof ApexError)) throw error;
  const cause = error.cause instanceof Error ? ` ${error.cause.message}` : "";
  console.error(`${error.message}${cause}`);
  process.exitCode = 1;
}
