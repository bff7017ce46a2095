/**
 * How long each analysis tool takes, and what a run costs the worker.
 *
 * `npm run bench:tools` loads the sample company, some 200,000 records, into the local D1, and has a
 * scripted model call each tool over all of it, each time over another window, so that nothing is
 * remembered. `--store clickhouse` does so in ClickHouse 26 (chdb, which `npm run test:analytics`
 * installs), over as many records as `--records` says. `--state` keeps the loaded state for another time.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Settings, temporaryState } from "../test/e2e/product.ts";
import { median, printSpread } from "./report.ts";
import { circumstances } from "./report-page.ts";
import { measureMainQuestion } from "./tools/main-question.ts";
import { startManyRecords } from "./tools/many-records.ts";
import { setToolStage, type Timing, TOOL_CALLS } from "./tools/tool-calls.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: "string", default: "d1" },
    records: { type: "string", default: "10000000" },
    rounds: { type: "string", default: "10" },
    runs: { type: "string", default: "3" },
    state: { type: "string" },
  },
});
const chosen = TOOL_CALLS.filter(
  ([name]) => positionals.length === 0 || positionals.includes(name),
);

console.log(`${circumstances()}, ${values.store}`);
await using stack = new AsyncDisposableStack();
const state = values.state === undefined ? await temporaryState() : null;
if (state) stack.defer(() => state.remove());
const path = state?.path ?? resolve(values.state ?? "");
const settings = values.store === "clickhouse" ? await inClickhouse(Number(values.records)) : {};
{
  await using stage = await setToolStage(path, settings);
  for (const [name, args] of chosen) {
    const timings: Timing[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      timings.push(await stage.call(name, args));
    }
    print(name, timings);
  }
}
if (Number(values.runs) > 0) await measureMainQuestion(path, settings, Number(values.runs));

/** @returns the settings of a product whose usage is there: so many records, of the sample's kind. */
async function inClickhouse(records: number): Promise<Settings> {
  const engine = await startManyRecords();
  stack.defer(() => engine.close());
  const reached = { CLICKHOUSE_URL: engine.url };
  {
    // The first start loads the sample company.
    await using _ = await setToolStage(path, reached);
  }
  console.log(`${await engine.multiply(records)} records`);
  return reached;
}

function print(name: string, timings: readonly Timing[]): void {
  const ms = timings.map((timing) => timing.ms);
  const worker = timings.map(({ workerMs }) => workerMs);
  printSpread(name, ms);
  console.log(
    `  ${"… of it the worker's processor".padEnd(48)} median ${median(worker).toFixed(1)} ms`,
  );
}
