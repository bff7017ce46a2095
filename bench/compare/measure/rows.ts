/** Rows written a turn, as each contender's own runtime counts them: in a start of its own, untimed. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, inDeltas, QUESTION } from "../bench.ts";
import { NAMES, startContender } from "../contender.ts";
import { openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";
import { WRITTEN_PATH, Written } from "../written-rows.ts";

/** Until a turn has written all it will, what waits for an alarm included, in milliseconds. */
const WRITTEN_MS = 1_500;

export async function measureRows({ model, samples, extent }: Bench): Promise<void> {
  const text = answerOf(extent.deltas);
  for (const name of NAMES) {
    await using contender = await startContender(name, model.of(name), { counted: true });
    const written = async () => {
      await sleep(WRITTEN_MS);
      return Written.parse(await (await fetch(`${contender.url}${WRITTEN_PATH}`)).json());
    };
    const line = await openLine(contender.url, (await contender.begin()).newChat());
    // The first turn makes tables and names the conversation.
    for (let turn = 0; turn <= extent.countedTurns; turn += 1) {
      await model.script(name, inDeltas(text, PIECE, 0));
      const before = await written();
      await line.say(QUESTION);
      const after = await written();
      if (turn === 0) continue;
      const rows = (of: Written) => of.sql + of.keys + of.d1;
      samples.note("rows", name, rows(after) - rows(before));
      samples.note("alarms", name, after.alarms - before.alarms);
    }
    line.close();
  }
}
