/** `npm run migrations:clickhouse`: brings the ClickHouse server of the settings up to date. */
import { existsSync } from "node:fs";
import * as z from "zod";
import { ClickhouseSettings, clickhouseOf } from "../src/env/clickhouse.ts";
import { ApexError } from "../src/protocol/errors.ts";
import { migrateClickhouse } from "./clickhouse-migrations.ts";

if (existsSync(".env")) process.loadEnvFile(".env");

const given = Object.entries(process.env).filter(([, value]) => value !== "");
const settings = z.object(ClickhouseSettings).safeParse(Object.fromEntries(given));
const server = settings.success ? clickhouseOf(settings.data) : null;
if (!settings.success) {
  console.error(z.prettifyError(settings.error));
  process.exitCode = 1;
} else if (server === null) {
  console.error("Set CLICKHOUSE_URL to the server whose tables are to be made.");
  process.exitCode = 1;
} else {
  try {
    const applied = await migrateClickhouse(server);
    console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "Up to date already.");
  } catch (error) {
    if (!(error instanceof ApexError)) throw error;
    console.error(`${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`);
    process.exitCode = 1;
  }
}
