/** The product's lives: one state and one port, and the server started on them again after every SIGKILL. */
import { type Attempt, freePort, openaiSettings, type Settings } from "../../test/e2e/product.ts";
import type { ModelServer } from "../../test/model-server/main.ts";
import { prepareState, serveProduct } from "../serve-product.ts";
import { modelScript, type Script } from "./model-faults.ts";
import type { Random } from "./random.ts";
import { NOTHING_STRUCK, type StruckState, setStateFaults } from "./state-control.ts";
import { NO_FAULTS, type StateFaults } from "./state-faults.ts";

/** Signs the tokens of every life: clients outlive them. */
const SECRET = "a-secret-of-the-chaos-bench-alone";

/** The product, with a state that can be hurt. */
const ENTRYPOINT = "bench/chaos/faulty-product.ts";

/** On a busy machine wrangler itself may not come up at once. */
const MAX_TRIES = 3;

/** A kill, and when the product's /health answered again; both in milliseconds of the wall clock. */
export interface Outage {
  readonly killedAt: number;
  readonly readyAt: number;
}

export interface Lives {
  readonly url: string;
  readonly outages: readonly Outage[];
  /** How many requests the model itself has failed so far. */
  readonly modelFaults: number;
  /** Starts that came to nothing, and were tried again; what they took counts as outage. */
  readonly failedStarts: number;
  /** What failed of its state so far: of D1, KV, the reach of objects and their memory. */
  readonly stateFaults: StruckState;
  /** From now on state fails, in this life and all that follow. */
  hurtState(faults: StateFaults): Promise<void>;
  /** From now on it does not. */
  healState(): Promise<void>;
  /** Kills the product and whatever it started, and starts it again. */
  killAndRestart(): Promise<void>;
  /** From now on the model answers by itself, without a fault. */
  healModel(): void;
  end(): Promise<void>;
}

export interface LivesOptions {
  readonly stateDirectory: string;
  readonly model: ModelServer;
  /** Where the product finds the model: a network may lie before it. */
  readonly modelUrl: string;
  readonly random: Random;
}

/** @returns once the first life is healthy. */
export async function startLives(options: LivesOptions): Promise<Lives> {
  const { stateDirectory, model, modelUrl, random } = options;
  await prepareState(stateDirectory);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const outages: Outage[] = [];
  const scripts = new Map<string, Script>();
  let key = "";
  let failedStarts = 0;
  let hurt = NO_FAULTS;
  const struck = { ...NOTHING_STRUCK };

  /** Counts what failed until now; what a life did is forgotten with it. */
  async function setState(faults: StateFaults): Promise<void> {
    const { queries, cache, calls, lives } = await setStateFaults(url, faults);
    struck.queries += queries;
    struck.cache += cache;
    struck.calls += calls;
    struck.lives += lives;
  }

  /** Each life has a key, and by it a script, of its own. */
  async function live(): Promise<Attempt> {
    key = `sk-chaos-${scripts.size}`;
    const script = modelScript(random.branch(`life ${scripts.size}`));
    scripts.set(key, script);
    model.script(key, script.steps);
    const settings = { ...openaiSettings(modelUrl, key), JWT_SECRET: SECRET };
    for (let tries = 1; ; tries += 1) {
      try {
        return await begin(settings);
      } catch (error) {
        failedStarts += 1;
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  async function begin(settings: Settings): Promise<Attempt> {
    await using starting = new AsyncDisposableStack();
    const server = await serveProduct({ stateDirectory, port, settings, entrypoint: ENTRYPOINT });
    starting.defer(() => server.kill());
    await setStateFaults(url, { ...hurt, seed: hurt.seed + scripts.size });
    starting.move();
    return server;
  }

  let product = await live();
  let faultsBeforeHealing: number | null = null;
  const countFaults = () =>
    [...scripts].reduce((sum, [of, { faults }]) => sum + faults(model.requests(of).length), 0);
  return {
    url,
    outages,
    get modelFaults() {
      return faultsBeforeHealing ?? countFaults();
    },
    get failedStarts() {
      return failedStarts;
    },
    get stateFaults() {
      return struck;
    },
    async hurtState(faults) {
      hurt = faults;
      await setStateFaults(url, faults);
    },
    async healState() {
      hurt = NO_FAULTS;
      await setState(NO_FAULTS);
    },
    async killAndRestart() {
      // What a life that answers no more has done is not counted.
      await setState(hurt).catch(() => undefined);
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
    end: () => product.kill(),
  };
}
