/**
 * What is lost when everything fails: the product is killed, the network cut, the model broken.
 *
 * `npm run bench:chaos -- --seed 7 --minutes 10` lets users talk through SIGKILLs of the product
 * and a network that fails, then compares all they were promised and shown with the log and the
 * history. The seed repeats the choices, not the timing. Exits with 1 where anything differs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { temporaryState } from "../test/e2e/product.ts";
import { startModelServer } from "../test/model-server/main.ts";
import { type Evidence, gather } from "./chaos/evidence.ts";
import { startFaultyProxy } from "./chaos/faulty-proxy.ts";
import { type Lives, startLives } from "./chaos/lives.ts";
import { seeded } from "./chaos/random.ts";
import { type Conversation, isOver, talk } from "./chaos/talker.ts";
import { judge } from "./chaos/verdict.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    minutes: { type: "string", default: "10" },
    users: { type: "string", default: "20" },
    /** The mean time between two kills, in seconds. */
    "kill-every": { type: "string", default: "20" },
  },
});
const MEAN_LIFE_MS = Number(values["kill-every"]) * 1_000;
const SETTLE_DEADLINE_MS = 120_000;
const SHOWN_VIOLATIONS = 10;

const random = seeded(Number(values.seed));
const state = await temporaryState();
const model = await startModelServer();
const lives = await startLives(state.path, model, random);
const proxy = await startFaultyProxy(lives.url, random);
try {
  console.log(`seed ${values.seed}: ${values.users} users, ${values.minutes} minutes`);
  const conversations = await rage();
  await settle(conversations);
  const evidence: Evidence[] = [];
  for (const conversation of conversations) {
    const gathered = await gather(conversation, conversations);
    if (gathered !== null) evidence.push(gathered);
  }
  report(conversations, evidence, lives);
  for (const { connection } of conversations) connection.close();
} finally {
  await lives.end();
  await proxy.close();
  await model.close();
  await state.remove();
}

async function rage(): Promise<Conversation[]> {
  const stopping = new AbortController();
  const users = Array.from({ length: Number(values.users) }, () =>
    talk(lives.url, proxy.url, random, stopping.signal),
  );
  const talkers = await Promise.all(users);
  const end = Date.now() + Number(values.minutes) * 60_000;
  while (Date.now() < end) {
    await sleep(Math.min(MEAN_LIFE_MS * (0.5 + random.next()), end - Date.now()));
    if (Date.now() < end) await lives.killAndRestart();
  }
  proxy.heal();
  lives.healModel();
  stopping.abort();
  return (await Promise.all(talkers.map((ended) => ended()))).flat();
}

/** Waits until every client knows the end of every run it was promised; the verdict names the rest. */
async function settle(conversations: readonly Conversation[]): Promise<void> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  const settled = ({ connection, accepted }: Conversation) =>
    connection.status === "open" && accepted.every((promise) => isOver(connection, promise));
  while (!conversations.every(settled) && Date.now() < deadline) await sleep(100);
  // The outbox brings the last rows to the history.
  await sleep(2_000);
}

function report(
  conversations: readonly Conversation[],
  evidence: readonly Evidence[],
  { outages }: Lives,
): void {
  const events = evidence.flatMap(({ log }) => log);
  const runs = events.filter(({ type }) => type === "message_accepted");
  const promises = conversations.flatMap(({ accepted }) => accepted);
  console.log(
    `faults: ${outages.length} kills, ${proxy.cuts} cuts (${proxy.silenced} silent first), ${lives.modelFaults()} of the model`,
  );
  console.log(`${promises.length} accepted messages, ${runs.length} runs, ${events.length} events`);
  const refused = conversations.flatMap((conversation) => conversation.refused);
  console.log(`${refused.length} messages refused ${[...new Set(refused)].join("; ")}`);
  const down = outages.map(({ killedAt, readyAt }) => readyAt - killedAt);
  line("kill → product ready", down);
  line("kill → next event of an interrupted run", recoveries(evidence, outages));
  line(
    "client cut → caught up, outages included",
    conversations.flatMap(({ catchUps }) => catchUps),
  );
  const verdicts = evidence.map(judge);
  for (const kind of ["lost", "duplicated", "reordered", "leaked"] as const) {
    const violations = verdicts.flatMap((verdict) => verdict[kind]);
    console.log(`${kind}: ${violations.length}`);
    for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`  ${violation}`);
    if (violations.length > 0) process.exitCode = 1;
  }
}

/** @returns for each run that a kill cut off, how long it took to be heard of again, in milliseconds. */
function recoveries(evidence: readonly Evidence[], outages: Lives["outages"]): number[] {
  const at = ({ context }: Evidence["log"][number]) => Date.parse(context.timestamp);
  return outages.flatMap(({ killedAt }) =>
    evidence.flatMap(({ log }) => {
      const begun = log.filter((event) => event.type === "agent_started" && at(event) < killedAt);
      return begun.flatMap(({ context }) => {
        const next = log.find(
          (event) => event.context.run_id === context.run_id && at(event) > killedAt,
        );
        return next ? [at(next) - killedAt] : [];
      });
    }),
  );
}

function line(what: string, milliseconds: readonly number[]): void {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? "-";
  console.log(`${what}: p50 ${rank(0.5)} ms, p99 ${rank(0.99)} ms of ${sorted.length}`);
}
