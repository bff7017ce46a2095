/** What each profile is run on: the product by itself on an empty state, and the meter that watches it. */
import { startProduct, temporaryState } from "../../test/e2e/product.ts";
import type { Witnesses } from "../chaos/evidence.ts";
import { type Meter, startMeter } from "../product-meter.ts";

const SAMPLE_EVERY_MS = 1_000;

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly stateDirectory: string;
  readonly meter: Meter;
}

/** Starts the product with the sample company's records, and a model that takes no time of its own. */
export async function setStage(): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const state = await temporaryState();
  starting.defer(() => state.remove());
  const product = await startProduct(state.path, { DEMO_PACE_MS: "0" });
  starting.defer(async () => void (await product.stop()));
  const meter = startMeter(product.pid, SAMPLE_EVERY_MS);
  starting.defer(() => meter.stop());
  const running = starting.move();
  return {
    url: product.url,
    stateDirectory: state.path,
    meter,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** @returns what a conversation is verified with, beside those of others. */
export function witnessesOf(
  { url, stateDirectory }: Stage,
  others: Witnesses["others"],
): Witnesses {
  return { url, stateDirectory, others, isOver: false };
}
