/** The one place that says which database a user's history is in, and hands it out. */
import { madeAt } from "../core/clock.ts";
import { fingerprint } from "../core/fingerprint.ts";
import {
  type HistoryShards,
  isDatabase,
  MAIN_DATABASE,
  namedDatabases,
} from "../env/history-shards.ts";
import { readConfig } from "../env.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UserId } from "../protocol/ids.ts";
import { type HistoryDatabase, openHistory } from "../store/database.ts";

/**
 * A user belongs to the era that their id was made in, and within it to the database that the id's fingerprint
 * falls to: nothing is looked up, and whoever is there stays where they are when an era is added.
 * @returns the binding of the user's database. An id that does not tell when it was made is of the first era.
 */
export function historyDatabaseName(eras: HistoryShards, userId: UserId): string {
  const at = madeAt(userId) ?? 0;
  const { databases } = eras.findLast(({ from }) => from <= at) ?? eras[0];
  return databases[fingerprint(userId) % databases.length] ?? databases[0];
}

/**
 * @returns the database of a user's history: for repositories that are made for this user alone.
 * @throws {ApexError} `misconfigured`.
 */
export function historyDatabase(env: Cloudflare.Env, userId: UserId): HistoryDatabase {
  return open(env, historyDatabaseName(readConfig(env).historyShards, userId));
}

/**
 * @param name as a link to a shared thread has it.
 * @returns the history in a database; null where no user's is there.
 * @throws {ApexError} `misconfigured`.
 */
export function historyDatabaseNamed(env: Cloudflare.Env, name: string): HistoryDatabase | null {
  return namedDatabases(readConfig(env).historyShards).includes(name) ? open(env, name) : null;
}

/**
 * @returns the databases of the history beside the main one, by their bindings.
 * @throws {ApexError} `misconfigured`.
 */
export function historyShards(env: Cloudflare.Env): ReadonlyMap<string, D1Database> {
  const names = namedDatabases(readConfig(env).historyShards);
  return new Map(
    names.filter((name) => name !== MAIN_DATABASE).map((name) => [name, bound(env, name)]),
  );
}

function open(env: Cloudflare.Env, name: string): HistoryDatabase {
  return openHistory(bound(env, name), name === MAIN_DATABASE ? null : env.DB);
}

function bound(env: Cloudflare.Env, name: string): D1Database {
  if (name === MAIN_DATABASE) return env.DB;
  const binding: unknown = Reflect.get(env, name);
  if (isDatabase(binding)) return binding;
  throw new ApexError("misconfigured", `${name} is no database.`);
}
