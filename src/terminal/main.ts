/** Starts the terminal: `npm run chat`. */
import { runProgram } from "./program.ts";
import { runTerminal } from "./terminal.ts";

await runProgram(runTerminal);
