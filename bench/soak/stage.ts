/** What soaks: the product on an empty state, with a port at which its isolate can be inspected. */
import { freePort, LITTLE_USAGE, temporaryState } from "../../test/e2e/product.ts";
import { type Inspector, openInspector } from "../inspector.ts";
import { prepareState, serveProduct } from "../serve-product.ts";

const SECRET = "a-secret-of-the-soaking-bench-alone";

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly stateDirectory: string;
  /** Of the process that started it all. */
  readonly pid: number;
  readonly heap: Pick<Inspector, "liveBytes">;
}

/** Serves a prepared state, and never again where that ends: what its memory did would be gone. */
export async function setStage(): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const state = await temporaryState();
  starting.defer(() => state.remove());
  await prepareState(state.path, LITTLE_USAGE);
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const server = await serveProduct({
    stateDirectory: state.path,
    settings: { JWT_SECRET: SECRET },
    port,
    inspectorPort,
  });
  starting.defer(() => server.kill());
  const heap = await openInspector(inspectorPort);
  starting.defer(() => heap.close());
  const running = starting.move();
  return {
    url: `http://127.0.0.1:${port}`,
    stateDirectory: state.path,
    pid: server.pid,
    heap,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
