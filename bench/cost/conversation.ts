/** One conversation, counted: all that its messages had the Worker, the objects, D1 and KV do. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { inDeltas, QUESTION } from "../compare/bench.ts";
import { type Name, startContender } from "../compare/contender.ts";
import { openLine } from "../compare/line.ts";
import { answerOf, PIECE, type ScriptedModel } from "../compare/model.ts";
import { since, WORK_PATH, Work } from "../counted/work.ts";
import { usedBytes } from "./used-bytes.ts";

/** What is said in it, alike for all that are counted. */
export const Extent = z.object({
  messages: z.number().int(),
  /** The model's answer: so many deltas, so many milliseconds apart, after so many of thought. */
  deltas: z.number().int(),
  paceMs: z.number(),
  thoughtMs: z.number(),
});
export type Extent = z.infer<typeof Extent>;

export const CountedConversation = z.object({
  messages: z.number().int(),
  work: Work,
  /** Of the whole workerd that runs the Worker, its objects and its databases: at least what is billed. */
  workerCpuMs: z.number(),
  /** How long its client waited for the ends of all answers. */
  answeringMs: z.number(),
  /** What the databases have grown by. */
  storedBytes: z.object({ objects: z.number(), d1: z.number() }),
});
export type CountedConversation = z.infer<typeof CountedConversation>;

export const FULL: Extent = { messages: 10, deltas: 250, paceMs: 20, thoughtMs: 500 };
export const QUICK: Extent = { messages: 2, deltas: 50, paceMs: 5, thoughtMs: 100 };

/** Until a conversation has done all it will, what waits for an alarm included, in milliseconds. */
const DONE_MS = 15_000;
/** Between an answer and the next question. */
const READING_MS = 2_000;

/**
 * Counts a conversation from its very begin: who has accounts signs a new user in, then a socket is
 * opened, every message waits for its whole answer, and the socket is closed.
 */
export async function countConversation(
  name: Name,
  model: ScriptedModel,
  { messages, deltas, paceMs, thoughtMs }: Extent,
): Promise<CountedConversation> {
  await using contender = await startContender(name, model.of(name), { counted: true });
  const { url, worker } = contender;
  const read = async () => Work.parse(await (await fetch(`${url}${WORK_PATH}`)).json());
  // The first of all loads and compiles code, and makes what all later ones find.
  await converse(1);
  const stand = async () => ({
    work: await read(),
    cpu: worker.cpuMicroseconds(),
    objects: usedBytes(contender.state, "do"),
    d1: usedBytes(contender.state, "d1"),
  });
  const before = await stand();
  const answeringMs = await converse(messages);
  const after = await stand();
  return {
    messages,
    work: since(before.work, after.work),
    workerCpuMs: (after.cpu - before.cpu) / 1_000,
    answeringMs,
    storedBytes: { objects: after.objects - before.objects, d1: after.d1 - before.d1 },
  };

  async function converse(times: number): Promise<number> {
    const line = await openLine(url, (await contender.begin()).newChat());
    let total = 0;
    for (let message = 0; message < times; message += 1) {
      await model.script(name, inDeltas(answerOf(deltas), PIECE, paceMs, thoughtMs));
      total += (await line.say(QUESTION)).endMs;
      await sleep(READING_MS);
    }
    line.close();
    await sleep(DONE_MS);
    return total;
  }
}
