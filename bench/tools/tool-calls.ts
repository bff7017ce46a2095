/** Single tool calls through the whole product: a scripted model asks for them, their events tell how long they took. */
import type { ApexClient } from "../../src/client/index.ts";
import { newPerson } from "../../test/e2e/person.ts";
import { openaiSettings, type Settings, startProduct } from "../../test/e2e/product.ts";
import { type ModelServer, startModelServer } from "../../test/model-server/main.ts";
import { ask } from "../evaluation/ask.ts";
import { workerBelow } from "../worker-process.ts";

const KEY = "sk-of-the-bench";
const DAY_MS = 24 * 60 * 60_000;
/** No window is asked about twice, so nothing of an answer is remembered from the one before. */
const APART_MS = 61_000;
const WINDOW_DAYS = 60;

/** Every analysis tool, with arguments that have it do all it does. */
export const TOOL_CALLS: readonly (readonly [name: string, args: object])[] = [
  ["usage_summary", {}],
  ["cost_breakdown", { dimensions: ["feature", "model"] }],
  ["model_comparison", {}],
  ["latency_percentiles", {}],
  ["error_retry_waste", {}],
  ["spend_forecast", {}],
  ["anomaly_scan", {}],
  ["commitment_utilisation", { capacity_tokens_per_hour: 1e6, hourly_price_usd: 5 }],
  ["budget_alert", { limit_usd: 20_000 }],
  ["prompt_cache_opportunity", {}],
  ["duplicate_response_opportunity", {}],
  ["batch_opportunity", {}],
  ["rightsize_simulate", { from: "claude-opus-5-5", to: "claude-haiku-4-5" }],
  ["trim_opportunity", {}],
  ["portfolio_roi", { target_pct: 30 }],
  ["action_plan", { target_pct: 30 }],
];

/** What a call took, from its first event to its last, and of the worker's processor, in milliseconds. */
export interface Timing {
  readonly ms: number;
  readonly workerMs: number;
}

export interface ToolStage extends AsyncDisposable {
  /** @throws where the call fails. */
  call(name: string, args: object): Promise<Timing>;
}

/** Starts the product over a state, with a model that calls what it is told to. */
export async function setToolStage(state: string, settings: Settings): Promise<ToolStage> {
  await using starting = new AsyncDisposableStack();
  const model: ModelServer = await startModelServer();
  starting.defer(() => model.close());
  const product = await startProduct(state, { ...settings, ...openaiSettings(model.url, KEY) });
  starting.defer(() => product.kill());
  const worker = workerBelow(product.pid);
  const client: ApexClient = await (await newPerson(product.url)).client();
  const running = starting.move();
  let end = Date.now();
  return {
    async call(name, args) {
      end -= APART_MS;
      const from = new Date(end - WINDOW_DAYS * DAY_MS).toISOString();
      const window = { from, to: new Date(end).toISOString() };
      const call = { name, arguments: { workspace: "sample", window, ...args } };
      model.script(KEY, [{ tool_calls: [call] }, { text: "Done." }]);
      const before = worker.cpuMicroseconds();
      const events = await ask(client, [`Call ${name}.`]);
      const workerMs = (worker.cpuMicroseconds() - before) / 1_000;
      const [done] = events.filter((event) => event.type === "tool_completed");
      if (done?.data.status !== "succeeded") throw new Error(`${name}: ${JSON.stringify(done)}`);
      return { ms: done.data.duration_ms, workerMs };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
