/** Loads the sample company once: into the local database, and its records into ClickHouse if that is configured. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { getPlatformProxy } from "wrangler";
import { d1WorkspaceStore } from "../src/usage/d1-workspace-store.ts";
import { loadSampleRecords, type OnProgress, stateSample } from "../src/usage/load-sample.ts";
import { SAMPLE_WORKSPACE } from "../src/usage/sample.ts";
import { openClickhouse } from "./clickhouse-migrations.ts";
import { databaseConfig } from "./database-config.ts";
import { openLocalDatabase } from "./local-database.ts";
import { QUIET } from "./processes.ts";

/**
 * @param stateDirectory where the local database lives. A load that was interrupted is completed;
 *   one that is complete is left alone.
 * @param scale a factor on the number of records.
 * @throws {Failure} where ClickHouse is set, and cannot be reached.
 */
export async function loadSampleData(
  stateDirectory: string,
  scale: number,
  onProgress: OnProgress,
): Promise<void> {
  const options = { endsAt: Date.now(), scale };
  const config = databaseConfig();
  const clickhouse = await openClickhouse(process.env);
  {
    using database = openLocalDatabase(join(stateDirectory, "v3"), config.id);
    const isStated = database.hasProfile(SAMPLE_WORKSPACE);
    const isLoaded = clickhouse ? (await clickhouse.extent(SAMPLE_WORKSPACE)) !== null : isStated;
    if (!isLoaded) await loadSampleRecords(clickhouse ?? database, { ...options, onProgress });
    if (isStated) return;
  }
  Object.assign(process.env, QUIET);
  const file = join(stateDirectory, "database.json");
  writeFileSync(file, JSON.stringify(config.file));
  const platform = await getPlatformProxy<Pick<Cloudflare.Env, "DB">>({
    configPath: file,
    persist: { path: join(stateDirectory, "v3") },
    remoteBindings: false,
  });
  try {
    await stateSample(d1WorkspaceStore(platform.env.DB), options);
  } finally {
    await platform.dispose();
  }
}
