/** Starts, once for all suites, what they share: a product per provider, and the model endpoint of one. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startModelServer } from "../model-server/main.ts";
import {
  LITTLE_USAGE,
  openaiSettings,
  type Settings,
  startProduct,
  temporaryState,
} from "./product.ts";

/** The key of the shared product: its script at the model server is every test's in turn. */
const MODEL_KEY = "sk-shared-by-the-suites";

declare module "vitest" {
  interface ProvidedContext {
    readonly demoUrl: string;
    /** The directory of its state. */
    readonly demoState: string;
    readonly openaiUrl: string;
    /** The directory of its state. */
    readonly openaiState: string;
    /** Of the model server behind `openaiUrl`, which is scripted over HTTP. */
    readonly modelServerUrl: string;
    readonly modelKey: string;
  }
}

/** What a shared product printed, in a file of its state. */
export const OUTPUT_FILE = "output.log";

/** @returns how to end it all again. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = new AsyncDisposableStack();
  try {
    const models = await startModelServer();
    running.defer(() => models.close());
    const demo = serve(running, {});
    const openai = serve(running, { ...LITTLE_USAGE, ...openaiSettings(models.url, MODEL_KEY) });
    // Both, also where one fails: what has started must be ended.
    await Promise.allSettled([demo, openai]);
    project.provide("demoUrl", (await demo).url);
    project.provide("demoState", (await demo).statePath);
    project.provide("openaiUrl", (await openai).url);
    project.provide("openaiState", (await openai).statePath);
    project.provide("modelServerUrl", models.url);
    project.provide("modelKey", MODEL_KEY);
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
  return () => running.disposeAsync();
}

async function serve(running: AsyncDisposableStack, settings: Settings) {
  const state = await temporaryState();
  running.defer(() => state.remove());
  const product = await startProduct(state.path, settings, (text) =>
    appendFileSync(join(state.path, OUTPUT_FILE), text),
  );
  running.defer(async () => {
    await product.stop();
    // Whatever failed meanwhile, this is why.
    if (product.output().includes("ended by itself")) console.error(product.output());
  });
  return { url: product.url, statePath: state.path };
}
