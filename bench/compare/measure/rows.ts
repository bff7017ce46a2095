/** Rows written a turn, as each contender's own runtime counts them: in a start of its own, untimed. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, inDeltas, QUESTION } from "../bench.ts";
import { NAMES, type Name, startContender } from "../contender.ts";
import { openLine } from "../line.ts";
import { answerOf, PIECE } from "../model.ts";
import { WRITTEN_PATH, Written } from "../written-rows.ts";

/** Until a turn has written all it will, what waits for an alarm included, in milliseconds. */
const WRITTEN_MS = 1_500;

export async function measureRows({ model, samples, extent }: Bench): Promise<void> {
  const text = answerOf(extent.deltas);
  await Promise.all(NAMES.map(count));

  async function count(name: Name): Promise<void> {
    await using contender = await startContender(name, model.of(name), { counted: true });
    const read = async () =>
      Written.parse(await (await fetch(`${contender.url}${WRITTEN_PATH}`)).json());
    const line = await openLine(contender.url, (await contender.begin()).newChat());
    let before = await read();
    for (let turn = 0; turn <= extent.countedTurns; turn += 1) {
      await model.script(name, inDeltas(text, PIECE, 0));
      await line.say(QUESTION);
      await sleep(WRITTEN_MS);
      const after = await read();
      const rows = writtenSince(before.rows, after.rows);
      const alarms = after.alarms - before.alarms;
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

/** @returns the rows of each writer between two counts; those that wrote none are left out. */
export function writtenSince(before: Written["rows"], after: Written["rows"]): Written["rows"] {
  const differences = Object.entries(after).map(
    ([writer, rows]) => [writer, rows - (before[writer] ?? 0)] as const,
  );
  return Object.fromEntries(differences.filter(([, rows]) => rows > 0));
}
