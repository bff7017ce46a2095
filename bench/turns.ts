/**
 * How long 50 users wait: from a message to its first event, and to the end of its turn.
 *
 * `npm run bench` starts the product by itself, on a free port with an empty state, and lets its
 * users talk over real sockets on the loopback. Each user sends on an own beat, whether or not the
 * product keeps up, so a slow answer is not hidden by slower questions.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ApexClient } from "../src/client/index.ts";
import type { ServerFrame } from "../src/protocol/events.ts";
import { startProduct, temporaryState } from "../test/e2e/product.ts";
import { printSpread } from "./report.ts";
import { circumstances } from "./report-page.ts";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "50" },
    messages: { type: "string", default: "6" },
    interval: { type: "string", default: "3000" },
  },
});
const USERS = Number(values.users);
const MESSAGES = Number(values.messages);
const INTERVAL_MS = Number(values.interval);

const SCENARIOS = [
  { name: "small talk (no tool)", question: "Hello, what can you do?" },
  { name: "a cost question (one tool over D1)", question: "Where does our money go, by team?" },
];

/** What one message met, in milliseconds from its sending. */
interface Turn {
  accepted: number;
  firstEvent: number;
  completed: number;
  persisted: boolean;
}

const state = await temporaryState();
const product = await startProduct(state.path, { DEMO_PACE_MS: "0" });
try {
  console.log(`${USERS} users, a message each ${INTERVAL_MS} ms, ${MESSAGES} messages a user`);
  console.log(`${circumstances()}, demo model\n`);
  for (const { name, question } of SCENARIOS) report(name, await measure(question));
} finally {
  await product.stop();
  await state.remove();
}

async function measure(question: string): Promise<Turn[]> {
  const users = await Promise.all(Array.from({ length: USERS }, (_, index) => connect(index)));
  const turns = await Promise.all(
    users.map(async (user, index) => {
      await sleep((INTERVAL_MS * index) / USERS);
      return await user.talk(question);
    }),
  );
  for (const user of users) user.close();
  return turns.flat();
}

async function connect(index: number) {
  const client = new ApexClient({ baseUrl: product.url });
  await client.devLogin({ email: `bench-${index}@example.com`, tier: "enterprise" });
  const { id } = await client.threads.create({});
  let onFrame: (frame: ServerFrame) => void = () => undefined;
  const connection = client.connect(id, { onFrame: (frame) => onFrame(frame) });

  async function talk(question: string): Promise<Turn[]> {
    const turns = new Map<string, Turn & { readonly sentAt: number }>();
    const done = Promise.withResolvers<void>();
    const sent: number[] = [];
    const sending: Promise<unknown>[] = [];
    let ended = 0;
    onFrame = (frame) => {
      const now = performance.now();
      if (frame.type === "message_accepted") {
        const sentAt = sent[turns.size] ?? now;
        const turn = { sentAt, accepted: now - sentAt, firstEvent: 0, completed: 0 };
        turns.set(frame.data.run_id, { ...turn, persisted: false });
      }
      if (frame.type !== "agent_started" && frame.type !== "agent_completed") return;
      const turn = turns.get(frame.context.run_id);
      if (turn === undefined) return;
      if (frame.type === "agent_started") turn.firstEvent = now - turn.sentAt;
      if (frame.type === "agent_completed") {
        turn.completed = now - turn.sentAt;
        turn.persisted = frame.data.persisted;
        ended += 1;
        if (ended === MESSAGES) done.resolve();
      }
    };
    const begun = performance.now();
    for (let message = 0; message < MESSAGES; message += 1) {
      await sleep(Math.max(0, begun + INTERVAL_MS * message - performance.now()));
      sent.push(performance.now());
      // Not waited for before the next: who waits sends slower questions to a slow product.
      sending.push(connection.send(question));
    }
    await Promise.all(sending);
    await Promise.race([done.promise, sleep(60_000)]);
    return [...turns.values()];
  }

  return { talk, close: () => connection.close() };
}

function report(name: string, turns: readonly Turn[]): void {
  const ended = turns.filter(({ completed }) => completed > 0);
  console.log(name);
  printSpread(
    "message → accepted",
    ended.map(({ accepted }) => accepted),
  );
  printSpread(
    "message → first event of the run",
    ended.map(({ firstEvent }) => firstEvent),
  );
  printSpread(
    "message → turn completed",
    ended.map(({ completed }) => completed),
  );
  const saved = ended.filter(({ persisted }) => persisted).length;
  console.log(`  ${ended.length} of ${USERS * MESSAGES} turns completed, ${saved} saved by then\n`);
}
