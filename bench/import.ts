/**
 * How fast usage comes in: records a second over HTTP, and of long files, streamed.
 *
 * `npm run bench:import` starts the product by itself on an empty state, sends batches of records, and
 * then `--lines` rows (a million; ten million by `--lines 10000000`) as files of as many rows as the
 * product takes in one, then a file in each format of a provider. Every row is made as it is sent, and
 * unlike every other: all are stored. `--store clickhouse` does so into ClickHouse 26 (chdb, which
 * `npm run test:analytics` installs).
 */
import { parseArgs } from "node:util";
import { migrateClickhouse } from "../scripts/clickhouse-migrations.ts";
import { ImportReceipt, IntakeReceipt } from "../src/protocol/usage.ts";
import { exportRow } from "../src/usage/sample/export-rows.ts";
import { sampleRecords } from "../src/usage/sample.ts";
import { startChdb } from "../test/analytics/engines.ts";
import { newPerson, type Person } from "../test/e2e/person.ts";
import { type Settings, startProduct, temporaryState, WITHOUT_USAGE } from "../test/e2e/product.ts";
import { EXPORT_FORMATS, type ExportFile, exportFile } from "./import/export-files.ts";
import { circumstances } from "./report-page.ts";
import { workerBelow } from "./worker-process.ts";

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    records: { type: "string", default: "50000" },
    exported: { type: "string", default: "20000" },
    store: { type: "string", default: "d1" },
  },
});
const ROWS_A_BATCH = 2_500;
/** Some 50 MB: a file is 100 MiB at most. */
const ROWS_A_FILE = 50_000;
const ENDS_AT = Date.now();

await using stack = new AsyncDisposableStack();
const state = await temporaryState();
stack.defer(() => state.remove());
const product = await startProduct(state.path, { ...WITHOUT_USAGE, ...(await settingsOfStore()) });
stack.defer(() => product.kill());
console.log(`${circumstances()}, ${values.store}\n`);
await measure("batches of records over HTTP", Number(values.records), ROWS_A_BATCH, sendBatch);
await measure("files, streamed", Number(values.lines), ROWS_A_FILE, sendFile);
for (const format of EXPORT_FORMATS) {
  const file = exportFile(format, Number(values.exported));
  await measure(`a file of ${format}`, Number(values.exported), 1, (person) =>
    sendExport(person, file),
  );
}

/** @returns what points the product to the store that was asked for, which ends with this program. */
async function settingsOfStore(): Promise<Settings> {
  if (values.store !== "clickhouse") return {};
  const engine = await startChdb();
  stack.defer(() => engine.close());
  await migrateClickhouse({
    url: engine.url,
    username: "default",
    password: "",
    database: "default",
  });
  return { CLICKHOUSE_URL: engine.url };
}

/** Sends so many rows, a part after the other, and prints how many a second were stored. */
async function measure(
  what: string,
  rows: number,
  rowsAPart: number,
  send: (person: Person, lines: Iterable<string>) => Promise<number>,
): Promise<void> {
  const person = await newPerson(product.url);
  const lines = endlessLines();
  const worker = workerBelow(product.pid);
  const busyBefore = worker.cpuMicroseconds();
  let seconds = 0;
  let stored = 0;
  while (stored < rows) {
    const part = [...taken(lines, Math.min(rowsAPart, rows - stored))];
    const begun = performance.now();
    stored += await send(person, part);
    seconds += (performance.now() - begun) / 1_000;
  }
  const busy = (worker.cpuMicroseconds() - busyBefore) / 1e6;
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

async function sendExport(
  person: Person,
  { query, contentType, text }: ExportFile,
): Promise<number> {
  const answer = await post(person, `/api/usage/imports?${query}`, [text], contentType);
  return ImportReceipt.parse(await answer.json()).import.stored;
}

/** Sends the lines as one body. @throws where they are not all taken. */
async function post(
  person: Person,
  path: string,
  lines: Iterable<string>,
  contentType = "application/x-ndjson",
): Promise<Response> {
  const answer = await fetch(`${person.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${person.credentials.access_token}`,
      "content-type": contentType,
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
