/**
 * What a delta costs the worker, with no socket that hears it, with one and with fifty.
 *
 * Time of the whole process that runs the Worker and its objects. The same answer in a single piece is
 * subtracted, so that what a turn costs however it is cut does not count. Where nobody hears it, what is
 * left is the reading of the model's stream; what is above that is the wire. Every turn is watched for
 * equally long, so that what a worker does at rest counts nowhere, and each audience goes first as often.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { rotated } from "../../rotated.ts";
import { type Bench, inDeltas, interleave, ofEach, QUESTION, THINKING_MS } from "../bench.ts";
import type { Conversation } from "../chat.ts";
import type { Contender } from "../contender.ts";
import { type Line, openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";

const PACE_MS = 4;
/** How much longer than its pauses a turn is watched for, in milliseconds. */
const MARGIN_MS = 1_500;

interface Audience {
  readonly as: "cpuDelta0" | "cpuDelta1" | "cpuDelta50";
  readonly conversation: Conversation;
  readonly lines: readonly Line[];
}

export async function measureProcessor(bench: Bench): Promise<void> {
  const { samples, extent } = bench;
  const gather = (as: Audience["as"], sockets: number) =>
    ofEach(bench, async (contender): Promise<Audience> => {
      const conversation = await contender.begin();
      const open = () => openLine(contender.url, conversation.newChat());
      const lines = await Promise.all(Array.from({ length: sockets }, open));
      return { as, conversation, lines };
    });
  const audiences = [
    await gather("cpuDelta0", 0),
    await gather("cpuDelta1", 1),
    await gather("cpuDelta50", 50),
  ];
  await interleave(bench, extent.cpuRounds, async (contender, round) => {
    const { name } = contender;
    const took = { cpuDelta0: 0, cpuDelta1: 0, cpuDelta50: 0 };
    for (const { [name]: audience } of rotated(audiences, round)) {
      took[audience.as] = await aDelta(bench, contender, audience);
      samples.note(audience.as, name, took[audience.as]);
    }
    samples.note("cpuWire1", name, took.cpuDelta1 - took.cpuDelta0);
    samples.note("cpuWire50", name, took.cpuDelta50 - took.cpuDelta0);
  });
  for (const { lines } of audiences.flatMap((each) => Object.values(each))) {
    for (const line of lines) line.close();
  }
}

/** @returns microseconds. */
async function aDelta(bench: Bench, contender: Contender, audience: Audience): Promise<number> {
  const { deltas } = bench.extent;
  const text = answerOf(deltas);
  const forMs = THINKING_MS + deltas * PACE_MS + MARGIN_MS;
  const busy = (piece: number) => busyFor(forMs, bench, contender, audience, { text, piece });
  const whole = await busy(text.length);
  const cut = await busy(PIECE);
  return (cut - whole) / deltas;
}

/** @returns the microseconds that the worker is busy within so long, in which one turn begins and ends. */
async function busyFor(
  forMs: number,
  { model }: Bench,
  { name, worker, url }: Contender,
  { conversation, lines }: Audience,
  { text, piece }: { readonly text: string; readonly piece: number },
): Promise<number> {
  await model.script(name, inDeltas(text, piece, PACE_MS, THINKING_MS));
  const before = worker.cpuMicroseconds();
  const [speaker, ...others] = lines;
  const watched = sleep(forMs);
  if (speaker === undefined) {
    const passing = await openLine(url, conversation.newChat());
    passing.say(QUESTION).catch(() => undefined);
    await sleep(THINKING_MS / 2);
    passing.close();
  } else {
    await Promise.all([...others.map((line) => line.hear()), speaker.say(QUESTION)]);
  }
  await watched;
  return worker.cpuMicroseconds() - before;
}
