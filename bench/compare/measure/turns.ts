/** A turn alone: first text, end, worker time, bytes on the wire; and in turns of their own, bytes written. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, inDeltas, interleave, ofEach, QUESTION, QUIET_MS } from "../bench.ts";
import { openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";
import { readLogs, writtenBetween } from "../state-growth.ts";

const PACE_MS = 10;

export async function measureTurns(bench: Bench): Promise<void> {
  const { model, samples, extent } = bench;
  const text = answerOf(extent.deltas);
  const lines = await ofEach(bench, async (contender) => {
    const conversation = await contender.begin();
    return await openLine(contender.url, conversation.newChat());
  });
  await interleave(bench, extent.warmup + extent.turns, async ({ name, worker }, round) => {
    await model.script(name, inDeltas(text, PIECE, 0));
    const busy = worker.cpuMicroseconds();
    const turn = await lines[name].say(QUESTION);
    await sleep(QUIET_MS);
    const busyMs = (worker.cpuMicroseconds() - busy) / 1_000;
    if (turn.answer !== text) throw new Error(`${name} answered: ${turn.answer}`);
    // Who gave the answer at its end alone would have had a first text in no time.
    if (turn.textFrames === 0) throw new Error(`${name} streamed nothing of its answer.`);
    if (round < extent.warmup) return;
    samples.note("firstText", name, turn.firstTextMs);
    samples.note("turn", name, turn.endMs);
    samples.note("cpuTurn", name, busyMs);
    samples.note("wireFast", name, turn.textBytes / extent.deltas);
    samples.note("wireTurn", name, turn.bytes);
  });
  // Not in those that are timed: reading all logs leaves the client much to collect.
  await interleave(bench, extent.weighedTurns, async ({ name, state }) => {
    await model.script(name, inDeltas(text, PIECE, 0));
    const logs = readLogs(state);
    await lines[name].say(QUESTION);
    await sleep(QUIET_MS);
    const written = writtenBetween(logs, readLogs(state));
    if (written !== null) samples.note("walBytes", name, written);
  });
  await interleave(bench, extent.pacedTurns, async ({ name }) => {
    await model.script(name, inDeltas(text, PIECE, PACE_MS));
    const turn = await lines[name].say(QUESTION);
    samples.note("wirePaced", name, turn.textBytes / extent.deltas);
  });
  for (const line of Object.values(lines)) line.close();
}
