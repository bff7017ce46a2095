/** What each of these measurements stands on: the product on an empty state, and the model it asks. */
import {
  openaiSettings,
  type Product,
  startProduct,
  temporaryState,
} from "../../test/e2e/product.ts";
import { type ModelServer, startModelServer } from "../../test/model-server/main.ts";
import type { SeenRequest, StepInput } from "../../test/model-server/step.ts";

const KEY = "sk-of-the-bench";

export interface Stage extends AsyncDisposable {
  readonly product: Product;
  /** What the model answers to the next requests; then it answers by itself again. */
  script(steps: readonly StepInput[]): void;
  /** @returns the last request the model got. */
  lastRequest(): SeenRequest | undefined;
}

/** Starts the product by itself, on a free port. It ends with the stage. */
export async function setStage(): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const state = await temporaryState();
  starting.defer(() => state.remove());
  const model: ModelServer = await startModelServer();
  starting.defer(() => model.close());
  const product = await startProduct(state.path, openaiSettings(model.url, KEY));
  starting.defer(() => product.kill());
  const running = starting.move();
  return {
    product,
    script: (steps) => model.script(KEY, steps),
    lastRequest: () => model.requests(KEY).at(-1),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
