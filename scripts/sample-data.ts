/** Loads the sample company's usage records into the local database, once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { getPlatformProxy, unstable_readConfig } from "wrangler";
import { d1UsageStore } from "../src/usage/d1-store.ts";
import { loadSample } from "../src/usage/load-sample.ts";
import { QUIET } from "./processes.ts";

/** @param stateDirectory where the local database lives; a second call changes nothing. */
export async function loadSampleData(stateDirectory: string): Promise<void> {
  Object.assign(process.env, QUIET);
  const platform = await getPlatformProxy<Pick<Cloudflare.Env, "DB">>({
    configPath: databaseConfig(stateDirectory),
    persist: { path: join(stateDirectory, "v3") },
    remoteBindings: false,
  });
  try {
    await loadSample(d1UsageStore(platform.env.DB), { endsAt: Date.now() });
  } finally {
    await platform.dispose();
  }
}

/** The databases of wrangler.toml alone: the proxy could not serve the objects, and would say so. */
function databaseConfig(stateDirectory: string): string {
  const { d1_databases, compatibility_date } = unstable_readConfig({ config: "wrangler.toml" });
  const file = join(stateDirectory, "database.json");
  writeFileSync(file, JSON.stringify({ name: "database", compatibility_date, d1_databases }));
  return file;
}
