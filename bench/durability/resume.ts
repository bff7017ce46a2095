/** Resume latency: from dialling to the last of 1,000 events that were missed. */
import { Epoch, type ThreadId } from "../../src/protocol/ids.ts";
import { newPerson, type Person } from "../../test/e2e/person.ts";
import { printSpread } from "../report.ts";
import { dial, openSocket } from "./socket.ts";
import type { Stage } from "./stage.ts";

const MISSED = 1_000;
const RESUMES = 50;
/** Messages sent at once: a thread's queue holds ten. */
const AT_ONCE = 8;

export async function measureResume({ product }: Stage): Promise<void> {
  const person = await newPerson(product.url);
  const threadId = await person.newThread();
  const { lastSeq, epoch } = await talkPast(MISSED, person, threadId);
  const ready: number[] = [];
  const whole: number[] = [];
  const bytes: number[] = [];
  for (let resume = 0; resume < RESUMES; resume += 1) {
    const socket = dial(person, threadId, { after: lastSeq - MISSED, epoch });
    const last = await socket.arrival(({ seq }) => seq === lastSeq);
    const first = socket.arrivals[0];
    await socket.close();
    const events = socket.arrivals.filter(({ seq }) => seq !== null);
    if (events.length !== MISSED) throw new Error(`${events.length} events in place of ${MISSED}.`);
    ready.push((first?.at ?? last.at) - socket.dialledAt);
    whole.push(last.at - socket.dialledAt);
    bytes.push(events.reduce((sum, event) => sum + event.bytes, 0) / MISSED);
  }
  console.log(`Resume after ${MISSED} missed events`);
  printSpread("dial → connection_ready", ready);
  printSpread("dial → the last missed event", whole);
  printSpread(
    "an event, of the time after connection_ready",
    whole.map((time, index) => ((time - (ready[index] ?? 0)) / MISSED) * 1_000),
    "µs",
  );
  printSpread("an event, in size", bytes, "bytes");
}

/** Has a conversation of more than so many events. */
async function talkPast(events: number, person: Person, threadId: ThreadId) {
  const socket = await openSocket(person, threadId);
  const { data } = await socket.arrival(({ type }) => type === "connection_ready");
  let lastSeq = 0;
  while (lastSeq <= events) {
    const begin = socket.arrivals.length;
    for (let message = 0; message < AT_ONCE; message += 1) {
      socket.send({ type: "user_message", content: `How much did we use? (${message})` });
    }
    let ended = 0;
    const { seq } = await socket.arrival(({ type }) => {
      if (type === "agent_completed") ended += 1;
      return ended === AT_ONCE;
    }, begin);
    lastSeq = seq ?? 0;
  }
  await socket.close();
  return { lastSeq, epoch: Epoch.parse(data.epoch) };
}
