/** What is left of a user, wherever it may be: every row of D1, all that every object stores, and KV. */
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { z } from "zod";

const Table = z.object({ name: z.string() });
const TABLES = `SELECT name FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT GLOB '_cf_*'`;

/** The names that objects were made by: an object can't be woken by its id alone. */
export interface Names {
  readonly threads: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
}

/**
 * @returns where any of the words was found: every row of every table that holds one.
 * @throws {Error} where there is an object that none of the names is of.
 */
export async function remainsOf(words: readonly string[], names: Names): Promise<string[]> {
  const rows = [
    ...(await rowsOfDatabase()),
    ...(await rowsOfObjects(env.THREADS, names.threads)),
    ...(await rowsOfObjects(env.ACCOUNTS, names.accounts)),
    ...(await rowsOfCache()),
  ];
  return rows.filter((row) => words.some((word) => row.includes(word)));
}

/** @returns all that KV holds. */
async function rowsOfCache(): Promise<string[]> {
  const { keys } = await env.CACHE.list();
  return Promise.all(keys.map(async ({ name }) => `cache ${name}: ${await env.CACHE.get(name)}`));
}

/** @returns every row of every table of a database, with its table's name. */
export async function rowsOfDatabase(d1 = env.DB): Promise<string[]> {
  const { results } = await d1.prepare(TABLES).all();
  const rows: string[] = [];
  for (const { name } of Table.array().parse(results)) {
    const table = await d1.prepare(`SELECT * FROM "${name}"`).all();
    rows.push(...table.results.map((row) => `D1 ${name}: ${JSON.stringify(row)}`));
  }
  return rows;
}

async function rowsOfObjects<Kind extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<Kind>,
  names: ReadonlySet<string>,
): Promise<string[]> {
  const nameOf = new Map([...names].map((name) => [namespace.idFromName(name).toString(), name]));
  const rows: string[] = [];
  for (const id of await listDurableObjectIds(namespace)) {
    const name = nameOf.get(id.toString());
    if (name === undefined) throw new Error(`There is an object without a known name: ${id}`);
    const object = namespace.getByName(name);
    rows.push(...(await runInDurableObject(object, (_, { storage }) => rowsOf(storage))));
  }
  return rows;
}

function rowsOf({ sql, kv }: DurableObjectStorage): string[] {
  const tables = Table.array().parse(sql.exec(TABLES).toArray());
  const rows = tables.flatMap(({ name }) =>
    sql
      .exec(`SELECT * FROM "${name}"`)
      .toArray()
      .map((row) => `object ${name}: ${JSON.stringify(row)}`),
  );
  return [...rows, ...Array.from(kv.list(), (entry) => `object value: ${JSON.stringify(entry)}`)];
}
