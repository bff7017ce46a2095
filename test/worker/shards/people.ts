/** People whose histories are in different databases, each with a thread in which something was said. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { z } from "zod";
import { historyDatabaseName, historyShards } from "../../../src/durable/history-database.ts";
import { readConfig } from "../../../src/env.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ask } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";

/** The databases of the history, as the suite's configuration names them. */
export const DATABASES = ["DB", "HISTORY_1", "HISTORY_2"] as const;
export type DatabaseName = (typeof DATABASES)[number];

/** @returns a database itself. */
export function databaseOf(name: DatabaseName): D1Database {
  const found = name === "DB" ? env.DB : historyShards(env).get(name);
  if (found === undefined) throw new Error(`The suite has no ${name}.`);
  return found;
}

/** Gives the databases beside the first their tables. */
export async function migrateShards(): Promise<void> {
  for (const database of historyShards(env).values()) {
    await applyD1Migrations(database, env.MIGRATIONS);
  }
}

/** @returns somebody new whose history is in this database. */
export async function somebodyIn(database: DatabaseName): Promise<Credentials> {
  for (;;) {
    const found = await somebody();
    const { historyShards: eras } = readConfig(env);
    if (historyDatabaseName(eras, found.user.id) === database) return found;
  }
}

/** Has something said, and answered, in a new thread of somebody's. */
export async function talk(owner: Credentials, content: string): Promise<Conversation> {
  const thread = await beginThread(owner);
  const body = { content, thread_id: thread.threadId };
  const token = owner.access_token;
  await ask("/api/agents/triage/execute?wait=30", { body, token });
  await thread.settled();
  return thread;
}

const Named = z.object({ name: z.string() });

/** @returns the tables of a database that hold anything. */
export async function filledTables(database: DatabaseName): Promise<string[]> {
  const d1 = databaseOf(database);
  const { results } = await d1
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table'
       AND name NOT LIKE 'sqlite_%' AND name NOT GLOB '_cf_*' AND name <> 'd1_migrations'`,
    )
    .all();
  const filled: string[] = [];
  for (const { name } of Named.array().parse(results)) {
    if ((await d1.prepare(`SELECT 1 FROM "${name}" LIMIT 1`).first()) !== null) filled.push(name);
  }
  return filled.toSorted((one, other) => one.localeCompare(other));
}
