/**
 * What a delta costs the worker, with no socket that hears it, with one and with fifty.
 *
 * Time of the whole process that runs the Worker and its objects. The same answer in a single piece is
 * subtracted, so that what a turn costs however it is cut does not count. Where nobody hears it, what is
 * left is the reading of the model's stream; what is above that is the wire.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Bench,
  inDeltas,
  interleave,
  ofEach,
  QUESTION,
  QUIET_MS,
  THINKING_MS,
} from "../bench.ts";
import type { Conversation } from "../chat.ts";
import type { Contender } from "../contender.ts";
import { type Line, openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";

const PACE_MS = 4;
/** How much longer than its pauses a turn may take that nobody hears the end of, in milliseconds. */
const MARGIN_MS = 1_000;

interface Audience {
  readonly conversation: Conversation;
  readonly lines: readonly Line[];
}

export async function measureProcessor(bench: Bench): Promise<void> {
  const { samples, extent } = bench;
  const gather = (sockets: number) =>
    ofEach(bench, async (contender): Promise<Audience> => {
      const conversation = await contender.begin();
      const open = () => openLine(contender.url, conversation.newChat());
      return { conversation, lines: await Promise.all(Array.from({ length: sockets }, open)) };
    });
  const nobody = await gather(0);
  const one = await gather(1);
  const fifty = await gather(50);
  await interleave(bench, extent.cpuRounds, async (contender) => {
    const { name } = contender;
    const unheard = await aDelta(bench, contender, nobody[name]);
    const [heard, crowded] = [
      await aDelta(bench, contender, one[name]),
      await aDelta(bench, contender, fifty[name]),
    ];
    samples.note("cpuDelta0", name, unheard);
    samples.note("cpuDelta1", name, heard);
    samples.note("cpuDelta50", name, crowded);
    samples.note("cpuWire1", name, heard - unheard);
    samples.note("cpuWire50", name, crowded - unheard);
  });
  for (const { lines } of [...Object.values(one), ...Object.values(fifty)]) {
    for (const line of lines) line.close();
  }
}

/** @returns microseconds. */
async function aDelta(bench: Bench, contender: Contender, audience: Audience): Promise<number> {
  const text = answerOf(bench.extent.deltas);
  const whole = await busy(bench, contender, audience, text, text.length);
  const cut = await busy(bench, contender, audience, text, PIECE);
  return (cut - whole) / bench.extent.deltas;
}

/** @returns the microseconds that a turn keeps the worker busy. */
async function busy(
  { model }: Bench,
  contender: Contender,
  { conversation, lines }: Audience,
  text: string,
  piece: number,
): Promise<number> {
  const { name, worker, url } = contender;
  await model.script(name, inDeltas(text, piece, PACE_MS, THINKING_MS));
  await sleep(QUIET_MS);
  const before = worker.cpuMicroseconds();
  const [speaker, ...others] = lines;
  if (speaker === undefined) {
    const passing = await openLine(url, conversation.newChat());
    passing.say(QUESTION).catch(() => undefined);
    await sleep(THINKING_MS / 2);
    passing.close();
    await sleep((text.length / piece) * PACE_MS * 1.3 + MARGIN_MS);
  } else {
    await Promise.all([...others.map((line) => line.hear()), speaker.say(QUESTION)]);
    await sleep(QUIET_MS);
  }
  return worker.cpuMicroseconds() - before;
}
