/** What wrangler.toml says of the database, for the programs that open its local copy. */
import { unstable_readConfig } from "wrangler";
import * as z from "zod";

const Bindings = z.tuple([z.object({ binding: z.literal("DB"), database_id: z.string() })]);

/**
 * @returns the id of the database, and a configuration of it alone: wrangler's proxy could not serve
 *   the objects, and would say so.
 */
export function databaseConfig() {
  const { d1_databases, compatibility_date } = unstable_readConfig({ config: "wrangler.toml" });
  const [{ database_id }] = Bindings.parse(d1_databases);
  return { id: database_id, file: { name: "database", compatibility_date, d1_databases } };
}
