/** The product's lives: one state and one port, started again after every SIGKILL. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Attempt, attemptStart, freePort, openaiSettings } from "../../test/e2e/product.ts";
import type { ModelServer } from "../../test/model-server/main.ts";
import { modelScript, type Script } from "./model-faults.ts";
import type { Random } from "./random.ts";

const READY_DEADLINE_MS = 90_000;

/** A kill, and when the product was ready again; both as milliseconds of the wall clock. */
export interface Outage {
  readonly killedAt: number;
  readonly readyAt: number;
}

export interface Lives {
  readonly url: string;
  readonly outages: readonly Outage[];
  /** Kills the product and whatever it started, and starts it again. */
  killAndRestart(): Promise<void>;
  /** From now on the model answers by itself, without a fault. */
  healModel(): void;
  modelFaults(): number;
  end(): Promise<void>;
}

export async function startLives(
  stateDirectory: string,
  model: ModelServer,
  random: Random,
): Promise<Lives> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const outages: Outage[] = [];
  const scripts = new Map<string, Script>();
  let key = "";

  /** Each life has a key, and by it a script, of its own. */
  async function live(): Promise<Attempt> {
    key = `sk-chaos-${scripts.size}`;
    const script = modelScript(random);
    scripts.set(key, script);
    model.script(key, script.steps);
    const attempt = attemptStart({
      ...openaiSettings(model.url, key),
      PORT: String(port),
      STATE_DIR: stateDirectory,
    });
    const deadline = Date.now() + READY_DEADLINE_MS;
    while (!attempt.output().includes(`ready at ${url}`)) {
      if (Date.now() > deadline) {
        await attempt.kill();
        throw new Error(`The product is not ready: ${attempt.output()}`);
      }
      await sleep(20);
    }
    return attempt;
  }

  let product = await live();
  let faultsBeforeHealing: number | null = null;
  const countFaults = () =>
    [...scripts].reduce((sum, [of, { faults }]) => sum + faults(model.requests(of).length), 0);
  return {
    url,
    outages,
    async killAndRestart() {
      await product.kill();
      // Only now: what was logged while the signal was on its way is no recovery.
      const killedAt = Date.now();
      product = await live();
      outages.push({ killedAt, readyAt: Date.now() });
    },
    healModel() {
      faultsBeforeHealing = countFaults();
      model.script(key, []);
    },
    modelFaults: () => faultsBeforeHealing ?? countFaults(),
    async end() {
      await product.kill();
    },
  };
}
