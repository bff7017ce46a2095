/** Rows written a turn, as each contender's own runtime counts them: in a start of its own, untimed. */
import { setTimeout as sleep } from "node:timers/promises";
import { since, WORK_PATH, Work } from "../../counted/work.ts";
import { type Bench, inDeltas, QUESTION } from "../bench.ts";
import { NAMES, type Name, startContender } from "../contender.ts";
import { openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";

/**
 * Until a turn has written all it will but for what an alarm is put off by, in milliseconds: the next question comes while
 * the alarm of the one before still stands. What turns at a person's pace write counts `bench/cost`.
 */
const WRITTEN_MS = 1_500;

export async function measureRows({ model, samples, extent }: Bench): Promise<void> {
  const text = answerOf(extent.deltas);
  await Promise.all(NAMES.map(count));

  async function count(name: Name): Promise<void> {
    await using contender = await startContender(name, model.of(name), { counted: true });
    const read = async () => Work.parse(await (await fetch(`${contender.url}${WORK_PATH}`)).json());
    const line = await openLine(contender.url, (await contender.begin()).newChat());
    let before = await read();
    for (let turn = 0; turn <= extent.countedTurns; turn += 1) {
      await model.script(name, inDeltas(text, PIECE, 0));
      await line.say(QUESTION);
      await sleep(WRITTEN_MS);
      const after = await read();
      const { rowsWritten, alarms } = since(before, after);
      // What isolates count is told every 15 s, however many turns there are: it is of no turn.
      const { Metrics: _, ...rows } = rowsWritten;
      before = after;
      // The first one makes tables, and names the conversation.
      if (turn === 0) continue;
      samples.note(
        "rows",
        name,
        Object.values(rows).reduce((sum, each) => sum + each, 0),
      );
      samples.note("alarms", name, alarms);
      if (turn === extent.countedTurns) console.error(`rows by ${name}: ${JSON.stringify(rows)}`);
    }
    line.close();
  }
}
