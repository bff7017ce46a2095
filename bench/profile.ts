/**
 * Where the time of a turn goes: step by step beside the floor and the peer, and on the processor.
 *
 * `npm run bench:profile` has all of them asked by turns; docs/bench.md says how to read it. Beside the floor
 * stands a second one, which does the least of what the product promises that takes the platform's time: it asks
 * another object, sets an alarm and stores the question before it asks the model. What is above that is ours.
 * Last comes what a connection keeps in memory, what requests leave there, and what open databases take of it.
 * `--turns N` sets how many turns are timed, `--markdown` prints tables for a document.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { inDeltas, QUESTION } from "./compare/bench.ts";
import { startContender } from "./compare/contender.ts";
import { floorChat } from "./compare/floor/chat.ts";
import { answerOf, PIECE, startModel } from "./compare/model.ts";
import { machine } from "./compare/table.ts";
import { isolatesOf } from "./isolates.ts";
import { type Grown, keptByDatabases } from "./profile/databases.ts";
import { heldMemory } from "./profile/memory.ts";
import { byOwner, profile, type Spent } from "./profile/processor.ts";
import { type Left, leftByRequests } from "./profile/requests.ts";
import { type Asker, openAsker, type Steps } from "./profile/steps.ts";
import { alignColumns, markdownTable, median } from "./report.ts";
import { rotated } from "./rotated.ts";

/** Turns that count for nothing: code is loaded and compiled in them. */
const WARMUP = 10;
const DELTAS = 250;
/** Between two turns, until what the first left to do is done, in milliseconds. */
const QUIET_MS = 150;
/** Functions that are told of, those that take most. */
const SHOWN = 15;

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "50" },
    markdown: { type: "boolean", default: false },
  },
});
const turns = Number(values.turns);
const table = values.markdown ? markdownTable : alignColumns;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(1));
process.setMaxListeners(30);

await using stack = new AsyncDisposableStack();
const model = stack.use(await startModel());
const floor = stack.use(await startContender("floor", model.of("floor")));
const peer = stack.use(await startContender("peer", model.of("peer")));
const apex = stack.use(await startContender("apex", model.of("apex")));
const text = answerOf(DELTAS);

const promising = floorChat(`/promising/${crypto.randomUUID()}`);
const askers = {
  floor: await openAsker(floor.url, (await floor.begin()).newChat(), model, "floor"),
  "floor that promises": await openAsker(floor.url, promising, model, "floor"),
  peer: await openAsker(peer.url, (await peer.begin()).newChat(), model, "peer"),
  "Apex Edge": await openAsker(apex.url, (await apex.begin()).newChat(), model, "apex"),
};
const taken = new Map<string, Steps[]>();
for (let turn = 0; turn < WARMUP + turns; turn += 1) {
  for (const [name, asker] of rotated(Object.entries(askers), turn)) {
    const steps = await askOnce(name, asker);
    if (turn >= WARMUP) taken.set(name, [...(taken.get(name) ?? []), steps]);
  }
}

const inspector = await (await isolatesOf(apex.worker, apex.url)).openOwn();
const spent = await profile(inspector, async () => {
  for (let turn = 0; turn < turns; turn += 1) await askOnce("Apex Edge", askers["Apex Edge"]);
});
inspector.close();

console.log(`${machine()}; medians of ${turns} turns, in milliseconds\n`);
console.log(table(stepRows()));
console.log(`\nProcessor time of the Worker's isolate a turn, by whose it is, in milliseconds\n`);
console.log(table([["whose", "ms"], ...byOwner(spent).slice(0, SHOWN).map(rowOf)]));
console.log("\n… and by function\n");
console.log(table([["function", "ms"], ...spent.slice(0, SHOWN).map(rowOf)]));
for (const asker of Object.values(askers)) asker.close();
const { resident, collected, live } = await heldMemory(apex);
console.log("\nMemory of a connection that is held, without compression, in KiB\n");
console.log(
  table([
    ["what", "KiB"],
    ["what the process grew by", resident.toFixed(1)],
    ["… once garbage was collected", collected.toFixed(1)],
    ["… of it in the Worker's heap", live.toFixed(1)],
  ]),
);
console.log(
  "\nWhat a request for /health leaves in memory, in KiB, over thousands of them in turn\n",
);
console.log(
  table([["garbage", "requests", "KiB each"], ...(await leftByRequests(apex)).map(leftRow)]),
);
console.log("\nWhat the open databases of ten objects of the floor take, in MB, while they grow\n");
console.log(
  table([["written to each", "the process"], ...(await keptByDatabases(floor)).map(grownRow)]),
);

async function askOnce(name: string, asker: Asker): Promise<Steps> {
  const key = name === "Apex Edge" ? "apex" : name === "peer" ? "peer" : "floor";
  await model.script(key, inDeltas(text, PIECE, 0));
  globalThis.gc?.();
  await sleep(QUIET_MS);
  return await asker.ask(QUESTION);
}

function stepRows(): string[][] {
  const steps = [
    ["question → the model is asked", ({ toModel }: Steps) => toModel],
    ["… → first text", ({ toText }: Steps) => toText],
    ["first text, all of it", ({ toModel, toText }: Steps) => toModel + toText],
    ["… → end of the turn", ({ toEnd }: Steps) => toEnd],
    ["turn, all of it", ({ toModel, toText, toEnd }: Steps) => toModel + toText + toEnd],
  ] as const;
  const names = Object.keys(askers);
  const rows = steps.map(([label, of]) => [
    label,
    ...names.map((name) => median((taken.get(name) ?? []).map(of)).toFixed(1)),
  ]);
  return [["step", ...names], ...rows];
}

function rowOf({ whose, milliseconds, ...named }: Spent | Omit<Spent, "name">): string[] {
  const label = "name" in named ? `${named.name}, ${whose}` : whose;
  return [label, (milliseconds / turns).toFixed(2)];
}

function leftRow({ requests, isCollected, each }: Left): string[] {
  return [isCollected ? "collected" : "left", String(requests), each.toFixed(1)];
}

function grownRow({ written, resident }: Grown): string[] {
  return [written, resident].map((bytes) => (bytes / 1e6).toFixed(1));
}
