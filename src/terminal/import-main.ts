/** Starts the import of a file of usage: `npm run import`. */
import { importUsage } from "./import.ts";
import { runProgram } from "./program.ts";

await runProgram(importUsage);
