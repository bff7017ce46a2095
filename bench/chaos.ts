/**
 * What is lost when everything fails at once: network, services and state.
 *
 * `npm run bench:chaos -- --seed 7 --minutes 10 --users 20` lets users talk through a network that
 * fails, SIGKILLs of the product, a model that breaks, queries to D1 and KV and calls of objects that are lost,
 * late or carried out unsaid, and objects that lose their memory; then it compares all they were promised and
 * shown with the log, the history, D1 and their ledger. The seed repeats what each part does, not the timing. A
 * page with plots is written to artefacts/chaos.html. Ctrl-C ends it with the verdict so far. Exits with 1 where
 * anything differs, or nothing was said.
 */
import { parseArgs } from "node:util";
import { asPage, asText, reportOf } from "./chaos/report.ts";
import { storm } from "./chaos/storm.ts";
import { circumstances, writeArtefact } from "./report-page.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    minutes: { type: "string", default: "10" },
    users: { type: "string", default: "20" },
    /** The mean time between two kills, in seconds. */
    "kill-every": { type: "string", default: "20" },
  },
});

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not want the verdict; what was started ends with the process.
    if (interruption.signal.aborted) process.exit(1);
    interruption.abort();
  });
}
const described = `seed ${values.seed}, ${values.users} users, ${values.minutes} minutes`;
console.error(`${described} …`);
const aftermath = await storm(
  {
    seed: Number(values.seed),
    users: Number(values.users),
    minutes: Number(values.minutes),
    killEverySeconds: Number(values["kill-every"]),
  },
  interruption.signal,
);
const report = reportOf(aftermath);
console.log(`${circumstances()}: ${described}\n\n${asText(report)}`);
const path = await writeArtefact("chaos.html", await asPage(described, report));
console.log(`\nWith plots: ${path}`);
if (!report.isKept) process.exitCode = 1;
