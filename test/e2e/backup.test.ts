/** A copy of D1 that is kept elsewhere comes back by the commands of the document: run by the local D1. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrateLocalDatabase } from "../../scripts/local-database.ts";
import { blockOf, ROOT } from "../documents/blocks.ts";

const LIVE = "00000000-0000-0000-0000-000000000021";
const EMPTY = "00000000-0000-0000-0000-000000000022";
const DATABASES = `
name = "backup"
compatibility_date = "2026-08-01"
[[d1_databases]]
binding = "DB"
database_name = "apex-edge"
database_id = "${LIVE}"
[[d1_databases]]
binding = "RESTORED"
database_name = "apex-edge-restored"
database_id = "${EMPTY}"
`;
/** A statement has 100,000 bytes at most, and the row of this message needs more. */
const LONG = "It's\n".repeat(30_000);

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "apex-backup-"));
  await writeFile(join(place, "wrangler.toml"), DATABASES);
});
afterEach(() => rm(place, { recursive: true }));

test("rows come back with what they refer to, but for those that are longer than a statement", async () => {
  migrateLocalDatabase(join(place, ".wrangler/state/v3"), LIVE, join(ROOT, "migrations"));
  const [live = ""] = databaseFiles();
  fill(live);
  const commands = blockOf("docs/deploy.md", "sh", "--no-data")
    .replaceAll("--remote --env production", "--local")
    .replaceAll("npx wrangler", "wrangler");
  await promisify(execFile)("bash", ["-e", "-c", commands], {
    cwd: place,
    env: {
      ...process.env,
      PATH: [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter),
      CI: "true",
      WRANGLER_SEND_METRICS: "false",
    },
  });
  const [restored = ""] = databaseFiles().filter((file) => file !== live);
  for (const table of ["users", "threads", "d1_migrations"])
    expect([table, rowsOf(restored, table)]).toEqual([table, rowsOf(live, table)]);
  const short = rowsOf(live, "messages").filter(({ content }) => content !== LONG);
  expect(short).toHaveLength(1);
  expect(rowsOf(restored, "messages")).toEqual(short);
});

/** @returns the files of the local databases, without what the runtime keeps of them all. */
function databaseFiles(): string[] {
  const files = globSync(join(place, ".wrangler/state/v3/d1/**/*.sqlite"));
  return files.filter((file) => !file.endsWith("metadata.sqlite"));
}

function fill(file: string): void {
  using database = new DatabaseSync(file);
  database.exec(`
    INSERT INTO users (id, email, name, tier, permissions, created_at)
      VALUES ('ada', 'ada@example.com', 'Ada', 'free', '[]', '2026-11-22');
    INSERT INTO threads (id, user_id, created_at, updated_at)
      VALUES ('thread', 'ada', '2026-11-22', '2026-11-22');`);
  const message = database.prepare(`
    INSERT INTO messages (thread_id, seq, id, user_id, run_id, role, content, status, created_at, version)
      VALUES ('thread', ?, 'message-' || ?1, 'ada', 'run', 'user', ?, 'completed', '2026-11-22', 1)`);
  message.run(1, "It's;\n-- a second line, é 😀");
  message.run(2, LONG);
}

function rowsOf(file: string, table: string) {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare(`SELECT * FROM ${table}`).all();
}
