/** A real D1 with the migrations, in a process of its own: where the ledger of imports is, beside ClickHouse. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlatformProxy } from "wrangler";

const MIGRATIONS = join(import.meta.dirname, "../../migrations");

export interface LedgerDatabase {
  readonly db: D1Database;
  close(): Promise<void>;
}

export async function startLedgerDatabase(): Promise<LedgerDatabase> {
  const directory = await mkdtemp(join(tmpdir(), "apex-ledger-"));
  const configPath = join(directory, "database.json");
  const binding = { binding: "DB", database_name: "ledger", database_id: "ledger" };
  const config = { name: "ledger", compatibility_date: "2026-01-01", d1_databases: [binding] };
  await writeFile(configPath, JSON.stringify(config));
  const platform = await getPlatformProxy<Pick<Cloudflare.Env, "DB">>({
    configPath,
    persist: { path: directory },
    remoteBindings: false,
  });
  const db = platform.env.DB;
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).sort();
  for (const name of files) {
    const text = await readFile(join(MIGRATIONS, name), "utf8");
    const statements = text.split("--> statement-breakpoint");
    await db.batch(statements.map((statement) => db.prepare(statement)));
  }
  return {
    db,
    async close() {
      await platform.dispose();
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
