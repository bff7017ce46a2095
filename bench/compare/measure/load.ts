/** Turns and events a second: conversations at once, each asking again as soon as it is answered. */
import { type Bench, inDeltas, interleave, ofEach, QUESTION } from "../bench.ts";
import { openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";

/** More steps than a round can use up. */
const STEPS = 1_000;

export async function measureLoad(bench: Bench): Promise<void> {
  const { model, samples, extent } = bench;
  const text = answerOf(extent.deltas);
  const crowds = await ofEach(bench, async (contender) => {
    const open = async () => openLine(contender.url, (await contender.begin()).newChat());
    return await Promise.all(Array.from({ length: extent.loadClients }, open));
  });
  await interleave(bench, extent.loadRounds, async ({ name }) => {
    await model.script(name, inDeltas(text, PIECE, 0), STEPS);
    const begun = performance.now();
    const until = begun + extent.loadSeconds * 1_000;
    let turns = 0;
    let frames = 0;
    await Promise.all(
      crowds[name].map(async (line) => {
        while (performance.now() < until) {
          const turn = await line.say(QUESTION);
          if (turn.answer !== text) throw new Error(`${name} answered: ${turn.answer}`);
          turns += 1;
          frames += turn.frames;
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1_000;
    samples.note("turnsASecond", name, turns / seconds);
    samples.note("deltasASecond", name, (turns * extent.deltas) / seconds);
    samples.note("framesASecond", name, frames / seconds);
  });
  for (const line of Object.values(crowds).flat()) line.close();
}
