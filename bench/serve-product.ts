/** The product as `npm start` serves it, on a state that `npm start` has prepared; nobody starts it again where it ends. */
import { join } from "node:path";
import { QUIET, waitUntilHealthy } from "../scripts/processes.ts";
import { type Attempt, launch, type Settings, startProduct } from "../test/e2e/product.ts";
import { settingsFile } from "./settings-file.ts";

export interface Serving {
  readonly stateDirectory: string;
  /** What it has beside the defaults: all of it, for nothing is made up as `npm start` makes its secret. */
  readonly settings: Settings;
  readonly port: number;
  /** What is served in the place of the product's own entry point, and may wrap it. */
  readonly entrypoint?: string;
}

/** Has `npm start` make what it makes once: the page, the database, and the sample's records as far as they are asked for. */
export async function prepareState(stateDirectory: string, settings: Settings = {}): Promise<void> {
  const product = await startProduct(stateDirectory, settings);
  await product.stop();
}

/**
 * @returns the server, once it is healthy.
 * @throws where it ends or does not become so, with all it printed; nothing is left running then.
 */
export async function serveProduct(serving: Serving): Promise<Attempt> {
  const { stateDirectory, settings, port, entrypoint = "" } = serving;
  const server = launch(
    process.execPath,
    [
      "scripts/development-server.ts",
      ...["--port", String(port), "--entrypoint", entrypoint],
      ...["--assets", join(stateDirectory, "page"), "--persist-to", stateDirectory],
      ...["--env-file", await settingsFile(stateDirectory, settings)],
    ],
    { ...QUIET, WRANGLER_LOG: "warn" },
  );
  const ended = server.exited.then((code) => {
    throw new Error(`It ended with ${code}.`);
  });
  try {
    await Promise.race([waitUntilHealthy(`http://127.0.0.1:${port}`), ended]);
    return server;
  } catch (cause) {
    await server.kill();
    throw new Error(server.output(), { cause });
  } finally {
    ended.catch(() => undefined);
  }
}
