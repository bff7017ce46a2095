/** What soaks: the product on an empty state, with all isolates of its process in hand. */
import { freePort, LITTLE_USAGE, temporaryState } from "../../test/e2e/product.ts";
import { type Isolates, isolatesOf } from "../isolates.ts";
import { prepareState, serveProduct } from "../serve-product.ts";
import { workerBelow } from "../worker-process.ts";

const SECRET = "a-secret-of-the-soaking-bench-alone";

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly stateDirectory: string;
  /** Of the process that started it all. */
  readonly pid: number;
  readonly isolates: Isolates;
}

/** Serves a prepared state, and never again where that ends: what its memory did would be gone. */
export async function setStage(): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const state = await temporaryState();
  starting.defer(() => state.remove());
  await prepareState(state.path, LITTLE_USAGE);
  const port = await freePort();
  const server = await serveProduct({
    stateDirectory: state.path,
    settings: { JWT_SECRET: SECRET },
    port,
  });
  starting.defer(() => server.kill());
  const url = `http://127.0.0.1:${port}`;
  const isolates = await isolatesOf(workerBelow(server.pid), url);
  const running = starting.move();
  return {
    url,
    stateDirectory: state.path,
    pid: server.pid,
    isolates,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
