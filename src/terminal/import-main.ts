/** Starts the import of a file of usage: `npm run import`. */
import { importUsage } from "./import.ts";

const interrupt = new AbortController();
// Once: a second Ctrl-C ends the process, whatever it waits for.
process.once("SIGINT", () => interrupt.abort());
process.stdout.on("error", () => process.exit(1));

process.exitCode = await importUsage({
  args: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupt: interrupt.signal,
});
