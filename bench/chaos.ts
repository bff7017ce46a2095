/**
 * What is lost when everything fails at once: network, services and state.
 *
 * `npm run bench:chaos -- --seed 7 --minutes 10 --users 20` lets users talk through a network that
 * fails, SIGKILLs of the product, a model that breaks, queries to D1 and KV and calls of objects that are lost,
 * late or carried out unsaid, and objects that lose their memory; then it compares all they were promised and
 * shown with the log, the history, D1 and their ledger. The seed repeats what each part does, not the timing. Ctrl-C ends it with the
 * verdict so far. Exits with 1 where anything differs.
 */
import { parseArgs } from "node:util";
import type { NetworkFault } from "./chaos/network-faults.ts";
import { LONG_MS } from "./chaos/network-faults.ts";
import { recoveriesOf } from "./chaos/recovery.ts";
import { type Aftermath, storm } from "./chaos/storm.ts";
import { judge } from "./chaos/verdict.ts";
import { printSpread } from "./report.ts";

const SHOWN_VIOLATIONS = 10;

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
console.log(`seed ${values.seed}: ${values.users} users, ${values.minutes} minutes`);
report(
  await storm(
    {
      seed: Number(values.seed),
      users: Number(values.users),
      minutes: Number(values.minutes),
      killEverySeconds: Number(values["kill-every"]),
    },
    interruption.signal,
  ),
);

function report(aftermath: Aftermath): void {
  const { conversations, evidence, outages, userNetwork, modelNetwork } = aftermath;
  const { modelFaults, stateFaults } = aftermath;
  const starts = `${aftermath.failedStarts} starts of wrangler that failed`;
  console.log(`faults: ${outages.length} kills, ${starts}, ${modelFaults} failures of the model`);
  const { queries, cache, calls, lives } = stateFaults;
  console.log(
    `  state: ${queries} queries to D1, ${cache} to KV, ${calls} calls of objects, ${lives} lives of objects`,
  );
  console.log(`  between users and product: ${told(userNetwork)}`);
  console.log(`  between product and model: ${told(modelNetwork)}`);
  const logs = evidence.map(({ log }) => log);
  const events = logs.flat();
  const runs = events.filter(({ type }) => type === "message_accepted");
  const promises = conversations.flatMap(({ accepted }) => accepted);
  const tabs = conversations.flatMap((conversation) => conversation.tabs);
  console.log(`${conversations.length} threads in ${tabs.length} tabs`);
  console.log(`${promises.length} accepted messages, ${runs.length} runs, ${events.length} events`);
  const refused = conversations.flatMap((conversation) => conversation.refused);
  console.log(`${refused.length} messages refused ${[...new Set(refused)].join("; ")}`);

  const { afterReady, afterFirst, afterKill, killedAgain } = recoveriesOf(logs, outages);
  console.log(`recovery (${killedAgain} runs were killed again before they were heard of)`);
  const restarts = outages.map(({ killedAt, readyAt }) => readyAt - killedAt);
  printSpread("kill → /health answers: wrangler's own restart", restarts);
  printSpread("/health answers → next event of a live run", afterReady);
  printSpread("first event of any run → that of each live run", afterFirst);
  printSpread("kill → next event of a live run", afterKill);
  const catchUps = tabs.flatMap((tab) => tab.catchUps);
  const isUp = (lostAt: number, backAt: number) =>
    !outages.some(({ killedAt, readyAt }) => lostAt < readyAt && backAt > killedAt);
  const [up, down] = [true, false].map((wanted) =>
    catchUps
      .filter(({ lostAt, caughtUpAt }) => isUp(lostAt, caughtUpAt) === wanted)
      .map(({ lostAt, caughtUpAt }) => caughtUpAt - lostAt),
  );
  console.log("catch-up");
  printSpread("loss noticed → caught up, product up", up ?? []);
  printSpread("loss noticed → caught up, product down between", down ?? []);

  const verdicts = evidence.map(judge);
  for (const kind of ["lost", "duplicated", "reordered", "leaked"] as const) {
    const violations = verdicts.flatMap((verdict) => verdict[kind]);
    console.log(`${kind}: ${violations.length}`);
    for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`  ${violation}`);
    if (violations.length > 0) process.exitCode = 1;
  }
}

function told(faults: readonly NetworkFault[]): string {
  const count = (kind: NetworkFault["kind"]) =>
    faults.filter((fault) => fault.kind === kind).length;
  const long = faults.filter((fault) => fault.kind !== "cut" && fault.lastsMs >= LONG_MS).length;
  return `${count("cut")} cuts, ${count("silence")} half-open, ${count("stall")} stalls; ${long} of them longer than a heartbeat`;
}
