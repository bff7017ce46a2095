/**
 * Apex Edge beside its floor and its peer: a bare relay, and Cloudflare's Agents SDK.
 *
 * `npm run bench:compare` starts all three on local workerd, asks them the same by turns, and prints a
 * table of medians and ratios; docs/bench.md says what is measured and how. `--turns N` sets how many turns
 * are timed, `--quick` does little of everything to show that it runs, `--only turns,rows` a part,
 * `--markdown` prints the table for a document.
 */
import { parseArgs } from "node:util";
import { within } from "../test/e2e/within.ts";
import type { Bench, Extent } from "./compare/bench.ts";
import { type Contender, type Name, startContender } from "./compare/contender.ts";
import { rowsOf, Samples } from "./compare/figures.ts";
import { measureConnections } from "./compare/measure/connections.ts";
import { measureCrowd } from "./compare/measure/crowd.ts";
import { measureLoad } from "./compare/measure/load.ts";
import { measureLongConversation } from "./compare/measure/long-conversation.ts";
import { measureProcessor } from "./compare/measure/processor.ts";
import { measureReconnect } from "./compare/measure/reconnect.ts";
import { measureRows } from "./compare/measure/rows.ts";
import { measureTurns } from "./compare/measure/turns.ts";
import { startModel } from "./compare/model.ts";
import { asMarkdown, asText, machine } from "./compare/table.ts";

/** It never takes longer: what hangs is ended, and tells where, with the figures until then. */
const DEADLINE_MS = 20 * 60_000;

const MEASUREMENT_DEADLINE_MS = 8 * 60_000;

const FULL: Extent = {
  warmup: 3,
  turns: 30,
  pacedTurns: 2,
  weighedTurns: 10,
  deltas: 250,
  cpuRounds: 6,
  crowdRounds: 10,
  connections: 500,
  connectSeconds: 10,
  settleSeconds: 15,
  reconnects: 3,
  longConversation: 400,
  loadRounds: 3,
  loadSeconds: 3,
  loadClients: 20,
  countedTurns: 3,
};

const QUICK: Extent = {
  warmup: 1,
  turns: 1,
  pacedTurns: 1,
  weighedTurns: 1,
  deltas: 50,
  cpuRounds: 1,
  crowdRounds: 1,
  connections: 20,
  connectSeconds: 0.4,
  settleSeconds: 1,
  reconnects: 1,
  longConversation: 5,
  loadRounds: 1,
  loadSeconds: 0.3,
  loadClients: 3,
  countedTurns: 1,
};

/** In this order; memory comes first, while nothing else has made the heaps grow. */
const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  connections: measureConnections,
  turns: measureTurns,
  processor: measureProcessor,
  crowd: measureCrowd,
  reconnect: measureReconnect,
  load: measureLoad,
  conversation: measureLongConversation,
  rows: measureRows,
};

const { values } = parseArgs({
  options: {
    turns: { type: "string" },
    only: { type: "string", default: Object.keys(MEASUREMENTS).join(",") },
    quick: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
  },
});
const chosen = values.only.split(",");
const unknown = chosen.find((name) => !(name in MEASUREMENTS));
if (unknown !== undefined) {
  throw new Error(`There is no ${unknown}, only ${Object.keys(MEASUREMENTS).join(", ")}.`);
}
const planned = values.quick ? QUICK : FULL;
const extent = { ...planned, turns: Number(values.turns ?? planned.turns) };

// However it ends, `exit` comes last, and with it the end of all that was started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(1));
// Each program that is started has a listener, to be ended by.
process.setMaxListeners(30);
const samples = new Samples();
let doing = "the start";
setTimeout(() => {
  console.error(`It was ended after ${DEADLINE_MS / 60_000} minutes, at ${doing}. Until then:`);
  printTable();
  process.exit(1);
}, DEADLINE_MS).unref();

await using stack = new AsyncDisposableStack();
const model = stack.use(await startModel());
let stage = stack.use(await setStage());
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (!chosen.includes(name)) continue;
  doing = name;
  const begun = performance.now();
  try {
    const { contenders } = stage;
    const measured = measure({ contenders, model, samples, extent });
    await within(MEASUREMENT_DEADLINE_MS, measured, () => "what was sampled by then");
  } catch (error) {
    // A `wrangler dev` may end where a client hangs up: what is measured next is to find it alive.
    console.error(`${name} failed, and its figures are not whole:`, error);
    process.exitCode = 1;
    await stage[Symbol.asyncDispose]();
    stage = stack.use(await setStage());
  }
  console.error(`${name}: ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
}
printTable();

function printTable(): void {
  const rows = rowsOf(samples).filter((row) => row.samples > 0);
  console.log(values.markdown ? asMarkdown(rows, machine()) : `${machine()}\n\n${asText(rows)}`);
}

/** Starts all three, which end with it. */
async function setStage() {
  await using starting = new AsyncDisposableStack();
  const start = async (name: Name): Promise<Contender> =>
    starting.use(await startContender(name, model.of(name)));
  const [floor, peer, apex] = await Promise.all([start("floor"), start("peer"), start("apex")]);
  const running = starting.move();
  return {
    contenders: { floor, peer, apex },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
