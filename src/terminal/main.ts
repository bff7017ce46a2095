/** Starts the terminal: `npm run chat`. */
import { runTerminal } from "./terminal.ts";

const interrupt = new AbortController();
// Once: a second Ctrl-C ends the process, whatever it waits for.
process.once("SIGINT", () => interrupt.abort());
// A pipe's reader may leave early, as `head` does.
process.stdout.on("error", () => process.exit(1));

process.exitCode = await runTerminal({
  args: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupt: interrupt.signal,
});
