/** The product as a user starts it: by `npm start`, on a free port, with a state of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { z } from "zod";
import { within } from "./within.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** From the command to the ready line, on a busy machine. */
const READY_DEADLINE_MS = 150_000;
const EXIT_DEADLINE_MS = 20_000;

/** Settings of the product, by their names in the environment. */
export type Settings = Readonly<Record<string, string>>;

/** Nothing of a developer's own: what is set, even to nothing, is not read from `.env`. */
const UNSET: Settings = {
  OPENAI_API_KEY: "",
  OPENAI_BASE_URL: "",
  MODEL: "",
  MODEL_PROVIDER: "",
  JWT_SECRET: "",
  GITHUB_CLIENT_ID: "",
  GITHUB_CLIENT_SECRET: "",
  GITHUB_URL: "",
  GITHUB_API_URL: "",
  GOOGLE_CLIENT_ID: "",
  GOOGLE_CLIENT_SECRET: "",
  OIDC_PROVIDERS: "",
  TRUSTED_ISSUERS: "",
  CLICKHOUSE_URL: "",
  CLICKHOUSE_USER: "",
  CLICKHOUSE_PASSWORD: "",
  CLICKHOUSE_DATABASE: "",
  OTEL_EXPORTER_OTLP_ENDPOINT: "",
  OTEL_EXPORTER_OTLP_HEADERS: "",
  TRACE_SAMPLE: "",
  METRICS_TOKEN: "",
  ALLOWED_ORIGINS: "",
  DEMO_PACE_MS: "",
  SAMPLE_DATA: "",
};
/** What the test runner tells its own processes, and would change a build. */
const OF_THE_RUNNER = /^(VITEST|NODE_ENV|WRANGLER_)/;

/** A start of the product that may or may not come to something. */
export interface Attempt {
  /** Of the process that started it all. */
  readonly pid: number;
  /** What it printed so far, on both streams. */
  output(): string;
  /** Resolves when it has ended; null where a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Ends it as a user does. @returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it and everything it started at once, as a power cut does. */
  kill(): Promise<void>;
}

/** For starts whose tests ask for no usage, or for any: all of it takes several seconds of a processor. */
export const WITHOUT_USAGE: Settings = { SAMPLE_DATA: "none" };
export const LITTLE_USAGE: Settings = { SAMPLE_DATA: "small" };

export interface Product extends Attempt {
  readonly url: string;
}

/** Runs `npm start` with exactly these settings; see {@link startProduct} for one that serves. */
export function attemptStart(settings: Settings, hear?: (text: string) => void): Attempt {
  return launch("npm", ["start", "--silent"], settings, hear);
}

/** Runs a program of the project from its root; it ends with this process at the latest. */
export function launch(
  program: string,
  args: readonly string[],
  settings: Settings,
  hear: (text: string) => void = () => undefined,
): Attempt {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...inheritedEnvironment(), ...UNSET, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started.`);
  const killOwn = () => killTree(child);
  process.once("exit", killOwn);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      hear(text);
    });
  }
  const exited = once(child, "exit").then(([code]) => {
    process.off("exit", killOwn);
    return z.number().nullable().parse(code);
  });
  return {
    pid,
    output: () => output,
    exited,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return within(EXIT_DEADLINE_MS, exited, () => `the end after ${signal}: ${output}`);
    },
    async kill() {
      killTree(child);
      await within(EXIT_DEADLINE_MS, exited, () => `the end after SIGKILL: ${output}`);
    },
  };
}

/**
 * Starts the product and waits until it says that it is ready.
 * @param settings beyond PORT, which is a free one, and STATE_DIR.
 * @param hear is told what it prints, as it comes.
 * @throws where it ends or is silent instead, with all it printed; nothing is left running then.
 */
export async function startProduct(
  stateDirectory: string,
  settings: Settings = {},
  hear?: (text: string) => void,
): Promise<Product> {
  const port = await freePort();
  // What it leaves lying there, when it is killed, goes with its state.
  const temporary = join(stateDirectory, "tmp");
  await mkdir(temporary, { recursive: true });
  const attempt = attemptStart(
    { ...settings, PORT: String(port), STATE_DIR: stateDirectory, TMPDIR: temporary },
    hear,
  );
  const url = `http://127.0.0.1:${port}`;
  try {
    await within(READY_DEADLINE_MS, readyLine(attempt, url), attempt.output);
  } catch (error) {
    await attempt.kill();
    throw error;
  }
  return { url, ...attempt };
}

/** @returns the settings that point a product to a model server. */
export function openaiSettings(modelServerUrl: string, key: string): Settings {
  return { OPENAI_BASE_URL: `${modelServerUrl}/v1`, OPENAI_API_KEY: key };
}

/** @returns a new, empty directory for a product's state, and how to be rid of it. */
export async function temporaryState(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "apex-edge-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** @returns a port that nothing listens on just now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = z.object({ port: z.number() }).parse(probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}

async function readyLine(attempt: Attempt, url: string): Promise<void> {
  let ended = false;
  const end = attempt.exited.then(() => {
    ended = true;
  });
  while (!attempt.output().includes(`ready at ${url}`)) {
    if (ended) throw new Error(`The product ended before it was ready: ${attempt.output()}`);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}

/** The machine's environment, with the project's programs on the path, where npm puts them. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (OF_THE_RUNNER.test(name)) delete environment[name];
  }
  environment.PATH = [join(ROOT, "node_modules/.bin"), environment.PATH].join(delimiter);
  return environment;
}

function killTree({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const each of processTree(pid)) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/**
 * @returns the ids of a process and of all that it started, directly or not: the server has a
 * process group of its own, so they are followed by their parents.
 */
export function processTree(root: number): number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const processes = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const pid of tree) {
    tree.push(...processes.flatMap(([child, parent]) => (parent === pid && child ? [child] : [])));
  }
  return tree;
}
