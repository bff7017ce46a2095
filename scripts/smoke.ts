/** `npm run smoke -- <url>`: checks a deployment from outside, within a minute. */
import { parseArgs } from "node:util";
import { ENDING_SIGNALS } from "./processes.ts";
import { ACCOUNT_CHECKS, FAREWELL } from "./smoke/account-checks.ts";
import { EDGE_CHECKS } from "./smoke/edge-checks.ts";
import { Live } from "./smoke/live.ts";
import { RUN_CHECKS } from "./smoke/run-checks.ts";

const USAGE = `Usage: npm run smoke -- <url>

Looks at a deployment as a stranger would: it makes two accounts, talks (two short runs, one that is
cancelled; a real model is paid for them), and deletes them with all that is in them. Exit code 0: all is
as it must be, 1: something is not, 2: that could not be told.
`;

/** @returns whether it held. */
async function hold(name: string, run: () => Promise<void>): Promise<boolean> {
  const begun = performance.now();
  const took = () => `${Math.round(performance.now() - begun)} ms`;
  try {
    await run();
    console.log(`✓ ${name} (${took()})`);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`✗ ${name} (${took()})\n    ${reason.replaceAll("\n", "\n    ")}`);
    return false;
  }
}

/** @returns the exit code. */
async function smoke(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
  const [url] = positionals;
  if (values.help || url === undefined || positionals.length > 1 || !URL.canParse(url)) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  const live = new Live(url);
  const held: boolean[] = [];
  // An interruption first deletes the test accounts; a second one ends at once.
  let isInterrupted = false;
  for (const signal of ENDING_SIGNALS) process.once(signal, () => (isInterrupted = true));
  for (const { name, run } of EDGE_CHECKS) held.push(await hold(name, () => run(live)));
  try {
    const cast = { ada: await live.register(), bob: await live.register() };
    for (const { name, run } of [...ACCOUNT_CHECKS, ...RUN_CHECKS, FAREWELL]) {
      if (isInterrupted) throw new Error("It was interrupted.");
      held.push(await hold(name, () => run(live, cast)));
    }
  } finally {
    for (const guest of [...live.guests]) await live.remove(guest).catch(() => undefined);
  }
  const failed = held.filter((isHeld) => !isHeld).length;
  const all = `${held.length} checks of ${live.url}`;
  console.log(failed === 0 ? `All ${all} hold.` : `${failed} of ${all} do not hold.`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await smoke().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
