/**
 * Whether the product leaks: steady talk through cuts for an hour, and what memory does meanwhile.
 *
 * `npm run bench:soak` lets users talk, each in one conversation after the other, and cuts their
 * sockets now and then. It reads the resident memory of the workerd, and what lives in the isolate
 * after a full collection, fits the slope of each after the warm-up, and says "no leak" only where
 * the whole confidence interval lies below what is tolerated. Each conversation is verified as it
 * ends. `--minutes N` sets how long, `--users N` how many, `--seed N` which turns are cut, and
 * `--markdown` prints the report for a document. A page with plots is written to artefacts/soak.html.
 * Exits with 1 where something leaks, is lost or fails.
 */
import { parseArgs } from "node:util";
import { seeded } from "./chaos/random.ts";
import { startMeter } from "./product-meter.ts";
import { circumstances, writeArtefact } from "./report-page.ts";
import { type HeapUse, judgeMemory } from "./soak/memory.ts";
import { asMarkdown, asPage, asText } from "./soak/report.ts";
import { setStage } from "./soak/stage.ts";
import { soak } from "./soak/talk.ts";

const MINUTE_MS = 60_000;
const HOURS = 60;
const RESIDENT_EVERY_MS = 5_000;
/** A full collection stops the isolate for a moment. */
const HEAP_EVERY_MS = 15_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    users: { type: "string", default: "10" },
    /** Between two messages of one user, in seconds. */
    every: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    markdown: { type: "boolean", default: false },
  },
});
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(1);
    interruption.abort();
  });
}
// Each connection listens to the signal that ends the talk.
process.setMaxListeners(0);

await using stage = await setStage();
const minutes = Number(values.minutes);
console.error(`${values.users} users, a message each ${values.every} s, ${minutes} minutes …`);
const meter = startMeter(stage.pid, RESIDENT_EVERY_MS);
const heap: HeapUse[] = [];
const failedReadings: unknown[] = [];
const reading = setInterval(() => {
  const at = performance.now();
  stage.heap.liveBytes().then(
    (liveBytes) => heap.push({ at, liveBytes }),
    (error: unknown) => failedReadings.push(error),
  );
}, HEAP_EVERY_MS);
const begunAt = performance.now();
const stopping = AbortSignal.any([interruption.signal, AbortSignal.timeout(minutes * MINUTE_MS)]);
// What is verified in the end is no steady talk any more.
stopping.addEventListener("abort", () => {
  clearInterval(reading);
  meter.stop();
});
const options = {
  users: Number(values.users),
  everyMs: Number(values.every) * 1_000,
  cutShare: 0.1,
};
const talk = await soak(stage, options, seeded(Number(values.seed)), stopping);

const steady = meter.uses.filter(({ at }) => at >= begunAt);
const hours = ((steady.at(-1)?.at ?? begunAt) - begunAt) / MINUTE_MS / HOURS;
const soaked = {
  talk,
  parts: judgeMemory(steady, heap, talk.turns / hours),
  turnsAnHour: talk.turns / hours,
  restarts: meter.restarts,
  failedReadings: failedReadings.length,
};
const report = values.markdown ? asMarkdown(soaked) : asText(soaked);
console.log(`${circumstances()}\n\n${report}`);
const path = await writeArtefact("soak.html", await asPage(soaked));
console.log(`\nWith plots: ${path}`);
const isBroken = Object.values(talk.violations).some((violations) => violations.length > 0);
const leaks = soaked.parts.some(({ growth }) => growth.verdict === "leak");
if (isBroken || leaks || talk.failedTurns > 0) process.exitCode = 1;
