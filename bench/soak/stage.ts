/** What soaks: the product on an empty state, with a port at which its isolate can be inspected. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { QUIET, waitUntilHealthy } from "../../scripts/processes.ts";
import {
  freePort,
  LITTLE_USAGE,
  launch,
  startProduct,
  temporaryState,
} from "../../test/e2e/product.ts";
import { type Inspector, openInspector } from "../inspector.ts";

const SECRET = "a-secret-of-the-soaking-bench-alone";

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly stateDirectory: string;
  /** Of the process that started it all. */
  readonly pid: number;
  readonly heap: Pick<Inspector, "liveBytes">;
}

/** Prepares a state as `npm start` does, and serves it without starting it again where it ends. */
export async function setStage(): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const state = await temporaryState();
  starting.defer(() => state.remove());
  await (await startProduct(state.path, LITTLE_USAGE)).stop();
  const settings = join(state.path, "soak.env");
  await writeFile(settings, `JWT_SECRET='${SECRET}'\n`);
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const server = launch(
    "wrangler",
    [
      "dev",
      ...["--ip", "127.0.0.1", "--port", String(port)],
      ...["--inspector-ip", "127.0.0.1", "--inspector-port", String(inspectorPort)],
      ...["--assets", join(state.path, "page"), "--persist-to", state.path],
      ...["--env-file", settings, "--log-level", "warn", "--show-interactive-dev-session=false"],
    ],
    QUIET,
  );
  starting.defer(() => server.kill());
  const url = `http://127.0.0.1:${port}`;
  const ended = server.exited.then(() => {
    throw new Error(`It ended: ${server.output()}`);
  });
  ended.catch(() => undefined);
  await Promise.race([waitUntilHealthy(url), ended]);
  const heap = await openInspector(inspectorPort);
  starting.defer(() => heap.close());
  const running = starting.move();
  return {
    url,
    stateDirectory: state.path,
    pid: server.pid,
    heap,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
