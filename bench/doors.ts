/**
 * What each door adds to a turn: the same question, the same answer, by each protocol's own client.
 *
 * `npm run bench:doors` starts the product with a scripted model, and asks at one door after the other,
 * round after round, so that a busy moment meets all of them. Each turn begins a thread, but on the socket
 * that stands open, whose medians the others are compared with.
 */
import { parseArgs } from "node:util";
import { newPerson } from "../test/e2e/person.ts";
import {
  openaiSettings,
  startProduct,
  temporaryState,
  WITHOUT_USAGE,
} from "../test/e2e/product.ts";
import { startModelServer } from "../test/model-server/main.ts";
import { callersOf } from "./doors/callers.ts";
import { median } from "./report.ts";
import { circumstances } from "./report-page.ts";
import { rotated } from "./rotated.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "30" }, warmup: { type: "string", default: "3" } },
});
const ROUNDS = Number(values.rounds);
const WARMUP = Number(values.warmup);
const KEY = "sk-of-the-bench";
const QUESTION = "Where does our money go?";
/** 250 deltas of eight characters. */
const ANSWER = "Most of it goes to search. ".repeat(75).slice(0, 2_000).trimEnd();

interface Turn {
  readonly firstMs: number;
  readonly totalMs: number;
}

await using stack = new AsyncDisposableStack();
const model = await startModelServer();
stack.defer(() => model.close());
const state = await temporaryState();
stack.defer(() => state.remove());
const product = await startProduct(state.path, {
  ...WITHOUT_USAGE,
  ...openaiSettings(model.url, KEY),
});
stack.defer(async () => void (await product.stop()));

const callers = await callersOf(await newPerson(product.url), stack);
const turns = new Map<string, Turn[]>(callers.map(([name]) => [name, []]));
for (let round = 0; round < WARMUP + ROUNDS; round += 1) {
  for (const [name, call] of rotated(callers, round)) {
    model.script(KEY, [{ text: ANSWER, piece: 8 }]);
    const begun = performance.now();
    let firstMs: number | null = null;
    const text = await call(QUESTION, () => {
      firstMs ??= performance.now() - begun;
    });
    if (text !== ANSWER) throw new Error(`${name} said: ${text}`);
    const totalMs = performance.now() - begun;
    if (round >= WARMUP) turns.get(name)?.push({ firstMs: firstMs ?? totalMs, totalMs });
  }
}

console.log(`${circumstances()}, ${ROUNDS} rounds`);
const native = turns.get(callers[0]?.[0] ?? "") ?? [];
for (const [name, taken] of turns) {
  const cells = [
    ratio(taken, native, ({ firstMs }) => firstMs),
    ratio(taken, native, ({ totalMs }) => totalMs),
  ];
  console.log(`  ${name.padEnd(28)} first text ${cells[0]}   turn ${cells[1]}`);
}

/** @returns the median in milliseconds, and its ratio to the native one. */
function ratio(taken: readonly Turn[], native: readonly Turn[], of: (turn: Turn) => number) {
  const [mine, theirs] = [median(taken.map(of)), median(native.map(of))];
  return `${mine.toFixed(1).padStart(7)} ms (${(mine / theirs).toFixed(2)}×)`;
}
