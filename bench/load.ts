/**
 * The product under load: bursts of connects, plain requests, steady talk, its peak, an hour of it.
 *
 * `npm run bench:load` starts the product by itself and runs every profile, with its own users and
 * within stated numbers and minutes, against the loopback alone. Each user's transcript is then held
 * to the log, the history and D1: nothing may be lost, doubled, reordered or leaked. `--quick` does
 * little of everything in about a minute, `--only burst,peak` a part, `--sustained-minutes 20` less
 * of the hour. The table is printed (for a document with `--markdown`), and a page with plots written
 * to artefacts/load.html. Exits with 1 where a transcript is wrong, or something was refused or failed, or never asked.
 */
import { parseArgs } from "node:util";
import type { Outcome } from "./load/outcome.ts";
import { describe, PROFILES, QUICK } from "./load/profiles.ts";
import { asMarkdown, asPage, asText, complaints } from "./load/report.ts";
import { run } from "./load/run.ts";
import { setStage } from "./load/stage.ts";
import { circumstances, writeArtefact } from "./report-page.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(PROFILES).join(",") },
    "sustained-minutes": { type: "string" },
    markdown: { type: "boolean", default: false },
  },
});
const chosen = values.only.split(",");
const unknown = chosen.find((name) => !(name in PROFILES));
if (unknown !== undefined) {
  throw new Error(`There is no ${unknown}, only ${Object.keys(PROFILES).join(", ")}.`);
}
const sized = values.quick ? QUICK : PROFILES;
const minutes = Number(values["sustained-minutes"] ?? sized.sustained.minutes);
const planned = { ...sized, sustained: { ...sized.sustained, minutes } };

// However it ends, `exit` comes last, and with it the end of all that was started.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
// Each connection listens to the signal that ends the talk.
process.setMaxListeners(0);

await using stage = await setStage();
const outcomes: Outcome[] = [];
for (const [name, profile] of Object.entries(planned)) {
  if (!chosen.includes(name)) continue;
  console.error(`${name}: ${describe(profile)} …`);
  outcomes.push(await run(stage, name, profile));
}
const table = values.markdown ? asMarkdown(outcomes) : asText(outcomes);
console.log(`${circumstances()}\n\n${table}\n`);
const wrong = outcomes.flatMap(complaints);
for (const complaint of wrong) console.log(complaint);
if (wrong.length > 0) process.exitCode = 1;
const path = await writeArtefact("load.html", await asPage(outcomes, values));
console.log(`With plots: ${path}`);
