/**
 * How long the worker is busy with a delta: from the loop's hand to every socket's, inside workerd.
 *
 * The clock is the bench's own and goes as fast as deltas are pushed, so that nothing but work is
 * timed: the text kept for snapshots, the coalescing, serialising, counting, and the platform's `send`.
 * What the platform then does to bring the bytes out is not the worker's time, and not in here.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { DeltaStream } from "../../src/core/delta-stream.ts";
import { Grant } from "../../src/durable/grant.ts";
import { Sockets } from "../../src/durable/sockets.ts";
import { upgradeRequest } from "../../src/durable/upgrade.ts";
import type { MessageDelta } from "../../src/protocol/events.ts";
import { MessageId } from "../../src/protocol/ids.ts";
import { applyDelta } from "../../src/protocol/projection.ts";
import { median } from "../report.ts";

const PIECE = " tok";
const ANSWER = MessageId.parse(crypto.randomUUID());
/** The clock of workerd ticks in milliseconds, so this many deltas are timed at once, at least. */
const DELTAS_TIMED = 50_000;
const ROUNDS = 5;
/** Until all objects have noticed that sockets are gone, in milliseconds. */
const GONE_MS = 1_000;

/** Time stands still but where the bench lets it go on; nobody sleeps, since the next delta wakes. */
class OwnClock implements Clock {
  time = 0;
  now = () => this.time;
  sleep = () => new Promise<void>(() => undefined);
}

/** What is timed: so many sockets, deltas of an answer, and deltas a second. */
interface Case {
  readonly object: DurableObjectStub;
  readonly sockets: number;
  readonly deltas: number;
  readonly perSecond: number;
  readonly times: number[];
}

test("worker time a delta", async () => {
  const cases: Case[] = [];
  const clients: WebSocket[] = [];
  for (const sockets of [1, 50]) {
    const object = env.THREADS.getByName(`bench/with-${sockets}`);
    for (let n = 0; n < sockets; n += 1) clients.push(await connect(object));
    for (const deltas of [250, 5_000]) {
      for (const perSecond of [100, 1_000]) {
        cases.push({ object, sockets, deltas, perSecond, times: [] });
      }
    }
  }
  // By turns, so that a busy moment of the machine meets all of them.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { object, deltas, perSecond, times } of cases) {
      times.push(await runInDurableObject(object, (_, ctx) => time(ctx, deltas, perSecond)));
    }
  }
  for (const client of clients) client.close(1000);
  // That they are gone is told to the user's object, for which the runtime must still be there.
  await systemClock.sleep(GONE_MS);
  console.log("worker time a delta, inside workerd, median of", ROUNDS);
  const single = cases.filter(({ sockets }) => sockets === 1);
  for (const { deltas, perSecond, times } of single) {
    const crowded = cases.find(
      (each) => each.sockets === 50 && each.deltas === deltas && each.perSecond === perSecond,
    );
    const [one, fifty] = [median(times), median(crowded?.times ?? [])];
    const ratio = (fifty / one).toFixed(0);
    console.log(
      `  ${`${deltas} deltas at ${perSecond} a second`.padEnd(30)} ${one.toFixed(2).padStart(6)} µs at 1 socket  ${fifty.toFixed(2).padStart(6)} µs at 50  (${ratio} ×)`,
    );
  }
  expect(single).not.toHaveLength(0);
});

/** @returns microseconds a delta. */
async function time(ctx: DurableObjectState, deltas: number, perSecond: number): Promise<number> {
  let busy = 0;
  const turns = Math.ceil(DELTAS_TIMED / deltas);
  for (let turn = 0; turn < turns; turn += 1) {
    const clock = new OwnClock();
    const sockets = new Sockets<MessageDelta>(ctx, { clock });
    const stream = new DeltaStream(clock, (piece) =>
      sockets.broadcast([{ type: "message_delta", message_id: ANSWER, ...piece }]),
    );
    let text = "";
    const begun = performance.now();
    for (let n = 0; n < deltas; n += 1) {
      clock.time += 1_000 / perSecond;
      const piece = { offset: text.length, text: PIECE };
      text = applyDelta(text, piece);
      stream.push(piece);
    }
    stream.flush();
    busy += performance.now() - begun;
    // The platform brings out what was sent, so that it never piles up.
    await systemClock.sleep(1);
  }
  return (busy * 1_000) / (turns * deltas);
}

async function connect(object: DurableObjectStub): Promise<WebSocket> {
  const expiresAt = Math.floor(Date.now() / 1_000) + 900;
  const grant = Grant.parse({
    scopes: [],
    tier: "enterprise",
    organizationId: null,
    voucherId: "",
  });
  const upgrade = { expiresAt, grant, ticketId: null, subprotocol: null, position: null };
  const { webSocket } = await object.fetch(upgradeRequest(upgrade));
  if (webSocket === null) throw new Error("no socket");
  webSocket.accept();
  return webSocket;
}
