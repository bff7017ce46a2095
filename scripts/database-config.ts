/** What wrangler.toml says of the databases, for the programs that open their local copies or migrate them. */
import { unstable_readConfig } from "wrangler";
import * as z from "zod";
import { MAIN_DATABASE } from "../src/env/history-shards.ts";
import { Failure } from "./processes.ts";

const Bindings = z.array(z.object({ binding: z.string(), database_id: z.string().default("0") }));

/**
 * @returns the id of the main database, the ids of all, and a configuration of them alone: wrangler's proxy could
 *   not serve the objects, and would say so.
 */
export function databaseConfig() {
  const { d1_databases, compatibility_date } = unstable_readConfig({ config: "wrangler.toml" });
  const bound = Bindings.parse(d1_databases);
  const main = bound.find(({ binding }) => binding === MAIN_DATABASE);
  if (main === undefined) throw new Failure(`wrangler.toml binds no database as ${MAIN_DATABASE}.`);
  return {
    id: main.database_id,
    ids: bound.map(({ database_id }) => database_id),
    file: { name: "database", compatibility_date, d1_databases },
  };
}

/** @returns the bindings of an environment's databases: each has all migrations. */
export function databaseBindings(environment: "development" | "staging" | "production"): string[] {
  const env = environment === "development" ? undefined : environment;
  const config = unstable_readConfig({ config: "wrangler.toml", env }, { hideWarnings: true });
  return Bindings.parse(config.d1_databases).map(({ binding }) => binding);
}
