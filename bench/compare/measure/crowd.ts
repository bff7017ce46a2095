/** Twenty sockets on one thread: when all of them have the first text, and the end. */
import { type Bench, inDeltas, interleave, ofEach, QUESTION } from "../bench.ts";
import { openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";

const SOCKETS = 20;

export async function measureCrowd(bench: Bench): Promise<void> {
  const { model, samples, extent } = bench;
  const text = answerOf(extent.deltas);
  const crowds = await ofEach(bench, async (contender) => {
    const conversation = await contender.begin();
    const open = () => openLine(contender.url, conversation.newChat());
    return await Promise.all(Array.from({ length: SOCKETS }, open));
  });
  await interleave(bench, 1 + extent.crowdRounds, async ({ name }, round) => {
    await model.script(name, inDeltas(text, PIECE, 0));
    const [speaker, ...others] = crowds[name];
    if (speaker === undefined) return;
    const heard = others.map((line) => line.hear());
    const turns = await Promise.all([speaker.say(QUESTION), ...heard]);
    if (round === 0) return;
    samples.note("crowdFirst", name, Math.max(...turns.map(({ firstTextMs }) => firstTextMs)));
    samples.note("crowdTurn", name, Math.max(...turns.map(({ endMs }) => endMs)));
    const broken = turns.filter(({ answer, textFrames }) => answer !== text || textFrames === 0);
    samples.note("crowdBroken", name, broken.length);
  });
  for (const line of Object.values(crowds).flat()) line.close();
}
