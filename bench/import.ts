/**
 * How fast usage comes in: records a second over HTTP, and of long files, streamed.
 *
 * `npm run bench:import` starts the product by itself on an empty state, sends batches of records, and
 * then `--lines` rows (a million; ten million by `--lines 10000000`) as files of as many rows as the
 * product takes in one. Every row is made as it is sent, and unlike every other: all are stored.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { ImportReceipt, IntakeReceipt } from "../src/protocol/usage.ts";
import { exportRow } from "../src/usage/sample/export-rows.ts";
import { sampleRecords } from "../src/usage/sample.ts";
import { newPerson, type Person } from "../test/e2e/person.ts";
import { startProduct, temporaryState, WITHOUT_USAGE } from "../test/e2e/product.ts";
import { workerSeconds } from "./processor-time.ts";

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    records: { type: "string", default: "50000" },
  },
});
const ROWS_A_BATCH = 2_500;
/** Some 50 MB: a file is 100 MiB at most. */
const ROWS_A_FILE = 50_000;
const ENDS_AT = Date.now();

await using stack = new AsyncDisposableStack();
const state = await temporaryState();
stack.defer(() => state.remove());
const product = await startProduct(state.path, WITHOUT_USAGE);
stack.defer(() => product.kill());
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n`);
await measure("batches of records over HTTP", Number(values.records), ROWS_A_BATCH, sendBatch);
await measure("files, streamed", Number(values.lines), ROWS_A_FILE, sendFile);

/** Sends so many rows, a part after the other, and prints how many a second were stored. */
async function measure(
  what: string,
  rows: number,
  rowsAPart: number,
  send: (person: Person, lines: Iterable<string>) => Promise<number>,
): Promise<void> {
  const person = await newPerson(product.url);
  const lines = endlessLines();
  const busyBefore = workerSeconds(product.pid);
  let seconds = 0;
  let stored = 0;
  while (stored < rows) {
    const part = [...taken(lines, Math.min(rowsAPart, rows - stored))];
    const begun = performance.now();
    stored += await send(person, part);
    seconds += (performance.now() - begun) / 1_000;
  }
  const busy = workerSeconds(product.pid) - busyBefore;
  console.log(
    `  ${what.padEnd(32)} ${stored} stored   ${(stored / seconds).toFixed(0)} a second   ${(stored / busy).toFixed(0)} a second of the worker's processor`,
  );
}

async function sendBatch(person: Person, lines: Iterable<string>): Promise<number> {
  const answer = await post(person, "/api/usage/records", lines);
  return IntakeReceipt.parse(await answer.json()).stored;
}

async function sendFile(person: Person, lines: Iterable<string>): Promise<number> {
  const answer = await post(person, "/api/usage/imports?format=apex", lines);
  return ImportReceipt.parse(await answer.json()).import.stored;
}

/** Sends the lines as one body. @throws where they are not all taken. */
async function post(person: Person, path: string, lines: Iterable<string>): Promise<Response> {
  const answer = await fetch(`${person.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${person.credentials.access_token}`,
      "content-type": "application/x-ndjson",
    },
    body: new Blob([...lines]),
  });
  if (answer.ok) return answer;
  throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
}

/** Gives the sample company's rows over and over, each time under other ids. */
function* endlessLines(): Generator<string> {
  for (let round = 0; ; round += 1) {
    for (const record of sampleRecords({ endsAt: ENDS_AT, defects: false })) {
      const record_id = `${round}-${record.record_id}`;
      yield `${JSON.stringify({ ...exportRow(record, "included"), record_id })}\n`;
    }
  }
}

function* taken(lines: Iterator<string>, count: number): Generator<string> {
  for (let line = 0; line < count; line += 1) {
    const next = lines.next();
    if (next.done === true) return;
    yield next.value;
  }
}
