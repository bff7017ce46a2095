/**
 * Whether the product leaks: steady talk through cuts for an hour, and what memory does meanwhile.
 *
 * `npm run bench:soak` lets users talk, each in a conversation and then somebody new, and cuts their
 * sockets now and then. It reads what lives in the isolate, and the resident memory of the workerd, each
 * time after the garbage of all its isolates was collected, fits the slope of each after the warm-up, and
 * says "no leak" only where the whole confidence interval lies below what is tolerated. Each conversation is verified as it
 * ends. `--minutes N` sets how long, `--users N` how many talk at a time, `--stay` has them stay for all of it (the
 * local runtime then keeps their databases open, and fills a cache of each), `--seed N` which turns are cut, and
 * `--markdown` prints the report for a document. A page with plots is written to artefacts/soak.html.
 * Exits with 1 where something leaks, is lost or fails, and where nothing was said or read.
 */
import { parseArgs } from "node:util";
import { seeded } from "./chaos/random.ts";
import { startMeter } from "./product-meter.ts";
import { circumstances, writeArtefact } from "./report-page.ts";
import { judgeMemory, type MemoryUse } from "./soak/memory.ts";
import { asMarkdown, asPage, asText, faultsOf } from "./soak/report.ts";
import { setStage } from "./soak/stage.ts";
import { soak } from "./soak/talk.ts";

const MINUTE_MS = 60_000;
const HOURS = 60;
/** A full collection stops an isolate for a moment. */
const READ_EVERY_MS = 15_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    users: { type: "string", default: "10" },
    /** Between two messages of one user, in seconds. */
    every: { type: "string", default: "3" },
    stay: { type: "boolean", default: false },
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
const meter = startMeter(stage.pid, null);
const uses: MemoryUse[] = [];
const failedReadings: unknown[] = [];
const reading = setInterval(() => {
  readMemory().catch((error: unknown) => failedReadings.push(error));
}, READ_EVERY_MS);
const begunAt = performance.now();
const stopping = AbortSignal.any([interruption.signal, AbortSignal.timeout(minutes * MINUTE_MS)]);
// What is verified in the end is no steady talk any more.
stopping.addEventListener("abort", () => clearInterval(reading));
const options = {
  users: Number(values.users),
  stay: values.stay,
  everyMs: Number(values.every) * 1_000,
  cutShare: 0.1,
};
const talk = await soak(stage, options, seeded(Number(values.seed)), stopping);

const hours = ((uses.at(-1)?.at ?? begunAt) - begunAt) / MINUTE_MS / HOURS;
const soaked = {
  talk,
  parts: judgeMemory(uses, talk.turns / hours),
  turnsAnHour: talk.turns / hours,
  restarts: meter.restarts,
  failedReadings: failedReadings.length,
};
const report = values.markdown ? asMarkdown(soaked) : asText(soaked);
console.log(`${circumstances()}\n\n${report}`);
const path = await writeArtefact("soak.html", await asPage(soaked));
console.log(`\nWith plots: ${path}`);
const faults = faultsOf(soaked);
for (const fault of faults) console.error(`Failed: ${fault}`);
if (faults.length > 0) process.exitCode = 1;

/** @throws where the isolate does not answer in time. */
async function readMemory(): Promise<void> {
  const liveBytes = await stage.isolates.liveBytes();
  const sample = meter.sample();
  if (sample !== null) uses.push({ ...sample, liveBytes });
}
