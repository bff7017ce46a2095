/** Starts the three contenders alike: each as a `wrangler dev` of its own, on an empty state. */
import { rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { databaseConfig } from "../../scripts/database-config.ts";
import { migrateLocalDatabase } from "../../scripts/local-database.ts";
import { QUIET } from "../../scripts/processes.ts";
import {
  type Attempt,
  freePort,
  launch,
  type Settings,
  temporaryState,
} from "../../test/e2e/product.ts";
import { settingsFile } from "../settings-file.ts";
import { type WorkerProcess, workerBelow } from "../worker-process.ts";
import { APEX } from "./apex/chat.ts";
import type { Conversation, Protocol } from "./chat.ts";
import { FLOOR } from "./floor/chat.ts";
import { PEER } from "./peer/chat.ts";

const HERE = import.meta.dirname;
const READY_DEADLINE_MS = 90_000;

/** The order of every round, and of the table. */
export const NAMES = ["floor", "peer", "apex"] as const;
export type Name = (typeof NAMES)[number];

interface Recipe {
  readonly protocol: Protocol;
  readonly config: string;
  readonly settings: (model: Model) => Settings;
}

/** The model that all of them ask: each by a key of its own, which has a script of its own. */
export interface Model {
  readonly url: string;
  readonly key: string;
}

const relaySettings = ({ url, key }: Model): Settings => ({
  MODEL_URL: `${url}/v1`,
  MODEL_KEY: key,
});

const RECIPES: Readonly<Record<Name, Recipe>> = {
  floor: { protocol: FLOOR, config: join(HERE, "floor/wrangler.toml"), settings: relaySettings },
  peer: { protocol: PEER, config: join(HERE, "peer/wrangler.toml"), settings: relaySettings },
  apex: {
    protocol: APEX,
    config: "wrangler.toml",
    settings: ({ url, key }) => ({
      OPENAI_BASE_URL: `${url}/v1`,
      OPENAI_API_KEY: key,
      JWT_SECRET: "a-secret-for-a-bench-of-more-than-32-characters",
    }),
  },
};

/** One that runs. It ends when it is disposed of, and with this process at the latest. */
export interface Contender extends AsyncDisposable {
  readonly name: Name;
  readonly url: string;
  readonly worker: WorkerProcess;
  /** Where all its databases are. */
  readonly state: string;
  begin(): Promise<Conversation>;
}

/**
 * @param counted whether its own writes are counted (`bench/counted`), which is not free of cost.
 * @throws with all it printed, where it does not come up.
 */
export async function startContender(
  name: Name,
  model: Model,
  { counted = false } = {},
): Promise<Contender> {
  await using starting = new AsyncDisposableStack();
  const { protocol, config, settings } = RECIPES[name];
  const state = await temporaryState();
  starting.defer(() => state.remove());
  // Wrangler's server of assets stands before whoever has a page, and takes its time and memory of each request.
  const page = join(state.path, "page");
  await mkdir(page);
  await writeFile(join(page, "index.html"), "<!doctype html><title>None</title>");
  const environment = await settingsFile(state.path, settings(model));
  if (name === "apex") {
    migrateLocalDatabase(join(state.path, "v3"), databaseConfig().id, "migrations");
  }

  const port = await freePort();
  const attempt = launch(
    "wrangler",
    [
      "dev",
      ...(counted ? [join(HERE, name, "counted.ts")] : []),
      ...["--config", config, "--ip", "127.0.0.1", "--port", String(port)],
      ...["--inspector-port", "0"],
      ...["--persist-to", state.path, "--env-file", environment],
      ...["--assets", page],
      ...["--log-level", "warn", "--show-interactive-dev-session=false"],
    ],
    QUIET,
  );
  starting.defer(() => attempt.kill());
  // Where this process ends on the way, its child has just been ended by the same event.
  const removeState = () => rmSync(state.path, { recursive: true, force: true });
  process.once("exit", removeState);
  starting.defer(() => void process.off("exit", removeState));
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(attempt, url);
  const worker = workerBelow(attempt.pid);
  const running = starting.move();
  return {
    name,
    url,
    worker,
    state: state.path,
    begin: () => protocol.begin(url),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function untilItAnswers(attempt: Attempt, url: string): Promise<void> {
  let ended = false;
  attempt.exited.then(
    () => {
      ended = true;
    },
    () => undefined,
  );
  const deadline = Date.now() + READY_DEADLINE_MS;
  while (Date.now() < deadline && !ended) {
    try {
      // Any answer will do: that there is none at this path, or that a socket is wanted.
      await fetch(`${url}/health`, { signal: AbortSignal.timeout(10_000) });
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`No contender came up at ${url}: ${attempt.output()}`);
}
