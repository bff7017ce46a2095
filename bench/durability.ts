/**
 * What durability costs: bytes a run, resuming after 1,000 missed events, cancelling, idle sockets.
 *
 * `npm run bench:durability` measures all of it, `npm run bench:durability -- resume cancel` a part.
 * It starts the product by itself on an empty state, and talks to it over the loopback. The rows
 * that a run writes are no matter of time, and the product does not tell them: they are counted in
 * `test/worker`, where the storage itself does.
 */
import { parseArgs } from "node:util";
import { measureCancel } from "./durability/cancel.ts";
import { measureIdleSockets } from "./durability/idle-sockets.ts";
import { measureResume } from "./durability/resume.ts";
import { type Stage, setStage } from "./durability/stage.ts";
import { measureWireBytes } from "./durability/wire-bytes.ts";
import { circumstances } from "./report-page.ts";

const MEASUREMENTS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  bytes: measureWireBytes,
  resume: measureResume,
  cancel: measureCancel,
  sockets: (stage) => measureIdleSockets(stage, null),
  "deflated-sockets": (stage) => measureIdleSockets(stage, "permessage-deflate"),
};

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((name) => !(name in MEASUREMENTS));
if (unknown !== undefined) {
  throw new Error(`There is no ${unknown}, only ${Object.keys(MEASUREMENTS).join(", ")}.`);
}
console.log(`${circumstances()}\n`);
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  // A product of its own for each: none finds what another has left.
  await using stage = await setStage();
  await measure(stage);
  console.log();
}
