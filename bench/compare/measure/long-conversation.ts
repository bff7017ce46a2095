/** A long conversation of short turns: what the client sends up with the first question and the last. */
import { median } from "../../report.ts";
import { type Bench, inDeltas, ofEach, QUESTION } from "../bench.ts";
import { openLine } from "../line.ts";

const ANSWER = "Most of it goes to search, and what is left of it to summaries.";
const LAST = 10;
/** A contender may ask the model more than once a turn, as to sum up what was said. */
const SPARE_STEPS = 200;

export async function measureLongConversation(bench: Bench): Promise<void> {
  const { model, samples, extent } = bench;
  await ofEach(bench, async (contender) => {
    const { name } = contender;
    const step = inDeltas(ANSWER, ANSWER.length, 0);
    await model.script(name, step, extent.longConversation + SPARE_STEPS);
    const line = await openLine(contender.url, (await contender.begin()).newChat());
    const uplink: number[] = [];
    const times: number[] = [];
    for (let turn = 0; turn < extent.longConversation; turn += 1) {
      const { answer, uplinkBytes, endMs } = await line.say(QUESTION);
      if (answer !== ANSWER) throw new Error(`${name} answered in turn ${turn + 1}: ${answer}`);
      uplink.push(uplinkBytes);
      times.push(endMs);
    }
    line.close();
    const [first = 0, last = 0] = [uplink[0], uplink.at(-1)];
    samples.note("uplinkFirst", name, first);
    samples.note("uplinkLast", name, last);
    samples.note("uplinkGrowth", name, last / first);
    samples.note("lateTurn", name, median(times.slice(-LAST)));
  });
}
