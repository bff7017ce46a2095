/**
 * What a million messages cost on Cloudflare, from operations that are counted here.
 *
 * `npm run bench:cost` has one conversation each with Apex Edge and the peer of the comparing bench,
 * counts what their Workers, objects, D1 and KV do, and writes docs/cost.md by the published prices.
 * `--document` writes it from what was counted before, `--quick` counts a short conversation and
 * prints the document, and writes nothing.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startModel } from "./compare/model.ts";
import { machine } from "./compare/table.ts";
import { countConversation, FULL, QUICK } from "./cost/conversation.ts";
import { Counted, costDocument } from "./cost/document.ts";

const COUNTED = join(import.meta.dirname, "cost/counted.json");
const DOCUMENT = join(import.meta.dirname, "../docs/cost.md");

const { values } = parseArgs({
  options: {
    document: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const counted = values.document
  ? Counted.parse(JSON.parse(readFileSync(COUNTED, "utf8")))
  : await count();
const document = costDocument(counted);
if (values.quick) console.log(document);
else {
  writeFileSync(COUNTED, JSON.stringify(counted));
  execFileSync("biome", ["format", "--write", COUNTED]);
  writeFileSync(DOCUMENT, document);
  console.log(`Written: ${DOCUMENT}`);
}

async function count(): Promise<Counted> {
  const extent = values.quick ? QUICK : FULL;
  await using model = await startModel();
  const [apex, peer] = await Promise.all([
    countConversation("apex", model, extent),
    countConversation("peer", model, extent),
  ]);
  return { on: new Date().toISOString().slice(0, 10), by: machine(), extent, apex, peer };
}
