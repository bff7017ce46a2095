/** The engines that every suite over ClickHouse runs against: version 26, and 18.16 behind the front its age needs. */
import {
  type ClickhouseServerProcess,
  type Engine,
  hasChdb,
  hasClickhouseServer,
  startChdb,
  startClickhouseServer,
} from "./engines.ts";
import { startLegacyFront } from "./legacy-front.ts";

export const ENGINES = [
  {
    name: "ClickHouse 26 (chdb)",
    here: hasChdb,
    start: startChdb,
    readsEveryDouble: true,
    runs: 15,
  },
  {
    name: "clickhouse-server 18.16",
    here: hasClickhouseServer,
    start: (): Promise<Engine> => startLegacy(),
    readsEveryDouble: false,
    runs: 4,
  },
] as const;

/** Starts the old server, which can be killed, behind its front, which stays. */
export async function startLegacy(): Promise<ClickhouseServerProcess> {
  const server = await startClickhouseServer();
  const front = await startLegacyFront(server.url);
  return {
    ...server,
    url: front.url,
    async close() {
      await front.close();
      await server.close();
    },
  };
}
