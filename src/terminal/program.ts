/** A program of the terminal in this process: its streams, its end, and how it is interrupted. */
import type { World } from "./world.ts";

/** Runs a program to its end, whose exit code is the process's. */
export async function runProgram(program: (world: World) => Promise<number>): Promise<void> {
  const interrupt = new AbortController();
  // Once: a second Ctrl-C ends the process, whatever it waits for.
  process.once("SIGINT", () => interrupt.abort());
  // A pipe's reader may leave early, as `head` does.
  process.stdout.on("error", () => process.exit(1));

  process.exitCode = await program({
    args: process.argv.slice(2),
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    interrupt: interrupt.signal,
  });
}
