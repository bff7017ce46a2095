/** The terminal chat as the process that people start. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { within } from "./within.ts";

const PROGRAM = resolve(import.meta.dirname, "../../src/terminal/main.ts");
const EXIT_DEADLINE_MS = 45_000;

export interface ProgramInput {
  readonly url: string;
  readonly email: string;
  readonly args?: readonly string[];
  /** What is piped into it. */
  readonly input?: string;
}

/** Runs the program to its end. */
export async function runTerminal({ url, email, args = [], input = "" }: ProgramInput) {
  const child = spawn(process.execPath, [PROGRAM, "--email", email, ...args], {
    env: { ...process.env, APEX_URL: url, NO_COLOR: "1" },
    stdio: "pipe",
  });
  child.stdin.end(input);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  try {
    const [stdout, stderr] = await within(EXIT_DEADLINE_MS, ended, () => `no end of ${args}`);
    return { stdout, stderr, code: child.exitCode };
  } finally {
    child.kill("SIGKILL");
  }
}
