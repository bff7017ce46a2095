/** The programs behind `npm start`: run to their end, or served until the user ends them. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../src/protocol/problem.ts";

/** How long the server may take to come up, in milliseconds. */
const READY_DEADLINE_MS = 60_000;
/** How long it may take to go, before it is made to. */
const STOP_DEADLINE_MS = 5_000;

/** A failure that the user can do something about. Its message says so in a sentence. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** @throws {Failure} if something else listens on the port. */
export async function assertPortIsFree(port: number): Promise<void> {
  const probe = createServer();
  const listening = Promise.withResolvers<void>();
  probe.once("error", listening.reject);
  probe.listen(port, "127.0.0.1", listening.resolve);
  try {
    await listening.promise;
  } catch {
    throw new Failure(
      `Port ${port} is in use. End what listens there, or choose another one: PORT=${port + 1} npm start`,
    );
  }
  await new Promise((closed) => probe.close(closed));
}

/** How a program ended: its exit code, its standard output, and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly answer: string;
  readonly output: string;
}

/**
 * Runs a program of the project to its end.
 * @param shown whether its output is printed as it comes.
 */
export async function run(
  program: string,
  args: readonly string[],
  { shown = false } = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...QUIET },
  });
  let answer = "";
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (stream === child.stdout) answer += text;
      if (shown) process.stdout.write(text);
    });
  }
  return { code: await exitOf(child), answer, output };
}

/**
 * Like {@link run}, without printing.
 * @throws {Failure} with the output if the program fails.
 */
export async function runToEnd(program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(program, args);
  if (code !== 0) throw new Failure(`${program} ${args[0] ?? ""} failed:\n${output}`);
}

/** A server in the foreground. */
export interface Served {
  /** Resolves with the exit code for this process: 0 if the user ended it. */
  readonly ended: Promise<number>;
  isRunning(): boolean;
  /** Ends it as the user would. */
  stop(): Promise<number>;
}

/** What a user ends a program in the foreground by: Ctrl-C, `kill`, and closing its terminal. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Starts a server of the project that ends cleanly with this process. */
export function serve(program: string, args: readonly string[]): Served {
  // A group of its own: a terminal's Ctrl-C must reach it once, and from here.
  const child = spawn(program, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...QUIET },
    detached: true,
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    signalGroup(child.pid, "SIGTERM");
    setTimeout(() => signalGroup(child.pid, "SIGKILL"), STOP_DEADLINE_MS).unref();
  };
  const killOwn = () => signalGroup(child.pid, "SIGKILL");
  for (const signal of ENDING_SIGNALS) process.on(signal, stop);
  process.on("exit", killOwn);
  const ended = exitOf(child).then((code) => {
    // What is left of its group goes too: another server may take its place.
    killOwn();
    process.off("exit", killOwn);
    for (const signal of ENDING_SIGNALS) process.off(signal, stop);
    return stopping ? 0 : code || 1;
  });
  return {
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop() {
      stop();
      return ended;
    },
  };
}

/** @throws {Failure} if no healthy answer comes in time. */
export async function waitUntilHealthy(address: string): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(`${address}/health`, { signal: AbortSignal.timeout(10_000) });
      if (answer.ok) return;
      const { code, detail } = Problem.parse(await answer.json());
      if (code === "misconfigured") throw new Failure(detail);
    } catch (error) {
      if (error instanceof Failure) throw error;
    }
    await sleep(100);
  }
  throw new Failure(`Nothing healthy answered at ${address} within a minute.`);
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // Not "exit", because the last output may still be on its way then.
    child.once("close", (code, signal) => resolve(code ?? (signal === null ? 0 : 1)));
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

/**
 * No prompts, no questions about metrics, no call to the network that a machine may not have; and, unless it is
 * asked for, no store of wrangler's own with every step of a request in it: it is kept by the process that serves,
 * which waits for the disk some twenty times a message for that.
 */
export const QUIET = {
  CI: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: process.env.X_LOCAL_OBSERVABILITY ?? "false",
} as const;
