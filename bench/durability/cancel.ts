/** Cancel latency: from the cancel to the run's end, and to the model's connection closing. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RunId } from "../../src/protocol/ids.ts";
import { newPerson, type Person } from "../../test/e2e/person.ts";
import { printSpread } from "../report.ts";
import { type Arrival, openSocket, type Socket } from "./socket.ts";
import type { Stage } from "./stage.ts";

const CANCELS = 40;
/** An answer that goes on far longer than anybody waits here. */
const ENDLESS = { text: "And so on. ".repeat(1_000), pace_ms: 20 };

/** What became of one cancel, in milliseconds from its sending. */
interface Cancelled {
  readonly ended: number;
  readonly answered: number;
  readonly upstreamClosed: number;
}

export async function measureCancel(stage: Stage): Promise<void> {
  const person = await newPerson(stage.product.url);
  const socket = await openSocket(person, await person.newThread());
  const overSocket = await cancelOften(stage, socket, async (runId) => {
    const begin = socket.arrivals.length;
    socket.send({ type: "cancel", run_id: runId });
    await socket.arrival(({ type }) => type === "cancel_accepted", begin);
  });
  const overHttp = await cancelOften(stage, socket, (runId) => cancelByHttp(person, runId));
  await socket.close();
  console.log("Cancel of a run that writes its answer");
  for (const [way, cancels] of [["socket", overSocket] as const, ["HTTP", overHttp] as const]) {
    const line = (what: string, of: keyof Cancelled) =>
      printSpread(
        `by ${way} → ${what}`,
        cancels.map((each) => each[of]),
      );
    line("agent_completed, cancelled", "ended");
    line("the model's connection closed", "upstreamClosed");
    line("the receipt", "answered");
  }
}

async function cancelOften(
  stage: Stage,
  socket: Socket,
  cancel: (runId: RunId) => Promise<void>,
): Promise<Cancelled[]> {
  const cancels: Cancelled[] = [];
  for (let number = 0; number < CANCELS; number += 1) {
    stage.script([ENDLESS]);
    const begin = socket.arrivals.length;
    socket.send({ type: "user_message", content: "Tell me all of it." });
    const { data } = await socket.arrival(({ type }) => type === "message_accepted", begin);
    await socket.arrival(({ type }) => type === "message_delta", begin);
    if (data.run_id === undefined) throw new Error("A message was accepted without a run.");
    const sentAt = performance.now();
    const [answered, upstreamClosed, end] = await Promise.all([
      cancel(data.run_id).then(() => performance.now() - sentAt),
      closingOfModel(stage).then((at) => at - sentAt),
      socket.arrival(({ type }) => type === "agent_completed", begin),
    ]);
    assertCancelled(end);
    cancels.push({ ended: end.at - sentAt, answered, upstreamClosed });
  }
  return cancels;
}

async function cancelByHttp(person: Person, runId: RunId): Promise<void> {
  const answer = await person.request("POST", `/api/runs/${runId}/cancel`);
  if (answer.status !== 202) throw new Error(`The cancel was answered with ${answer.status}.`);
  await answer.body?.cancel();
}

/** @returns when the model server saw its caller hang up, to a millisecond. */
async function closingOfModel({ lastRequest }: Stage): Promise<number> {
  const request = lastRequest();
  while (request?.aborted === false) await sleep(1);
  return performance.now();
}

function assertCancelled({ data }: Arrival): void {
  if (data.status !== "cancelled") throw new Error(`A cancelled run ended as ${data.status}.`);
}
