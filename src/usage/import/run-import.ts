/** An import from its first row to its last: tried, or done batch by batch and told as it goes. */
import { type Clock, timestamp } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import { counted } from "../../protocol/plural.ts";
import type {
  ImportPreview,
  ImportReceipt,
  IntakeReceipt,
  UsageImport,
} from "../../protocol/usage.ts";
import { anotherFile } from "../import-ledger.ts";
import { toImport } from "../import-row.ts";
import type { Intake } from "../intake.ts";
import { type PriceLookup, priceRecord } from "../prices.ts";
import type { PricedRecord } from "../record.ts";
import { addBatch, batchesOf, NOTHING_TAKEN, Reasons } from "./batches.ts";
import type { Entry, Reading } from "./read-usage.ts";

/** Records that a preview shows. */
const EXAMPLES = 5;

/** Takes records in that belong to no import. @throws {ApexError} what reading throws; batches before it are stored. */
export async function takeIn(
  intake: Intake,
  entries: AsyncIterable<Entry>,
): Promise<IntakeReceipt> {
  const reasons = new Reasons();
  let counts = NOTHING_TAKEN;
  for await (const batch of batchesOf(entries)) {
    counts = addBatch(counts, batch, await intake.store(batch));
    reasons.add(batch.refusals);
  }
  return { ...counts, refused: reasons.list() };
}

/** @returns what an import would come to; whether a record is known already it does not look up. */
export async function previewImport(
  { format, entries }: Reading,
  prices: PriceLookup,
): Promise<ImportPreview> {
  const reasons = new Reasons();
  const examples: PricedRecord[] = [];
  let counts = NOTHING_TAKEN;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [reported, computed, unpriced] = [0, 0, 0];
  for await (const batch of batchesOf(entries)) {
    counts = addBatch(counts, batch, batch.records.length);
    reasons.add(batch.refusals);
    for (const each of batch.records) {
      const record = priceRecord(each, prices);
      if (examples.length < EXAMPLES) examples.push(record);
      first = Math.min(first, record.ts);
      last = Math.max(last, record.ts);
      reported += record.cost_reported ?? 0;
      computed += record.cost_computed ?? 0;
      if (record.cost_computed === null) unpriced += 1;
    }
  }
  const isEmpty = counts.stored === 0;
  return {
    dry_run: true,
    format,
    ...counts,
    refused: reasons.list(),
    examples,
    first_at: isEmpty ? null : timestamp(first),
    last_at: isEmpty ? null : timestamp(last),
    reported_usd: reported,
    computed_usd: computed,
    unpriced,
  };
}

/**
 * Stores a file batch by batch. What an earlier upload of the same file stored is passed over.
 * @returns after the last batch, what the import came to.
 * @throws {ApexError} what reading throws; `import_conflict` where it is another file than before.
 *   Batches before it are stored, and the same file goes on behind them: but for a conflict, the error says
 *   what stands.
 */
export async function* runImport(
  intake: Intake,
  reading: Reading,
  options: ImportRun,
): AsyncGenerator<UsageImport, ImportReceipt> {
  let isWhole = false;
  try {
    const receipt = yield* storeBatches(intake, reading, options);
    isWhole = true;
    return receipt;
  } catch (error) {
    throw await sayingWhatStands(error, intake, options.id);
  } finally {
    // Also where whoever listened has left; where D1 can't be told, it is believed no longer than a minute.
    if (!isWhole) await intake.imports.breakOff(options.id).catch(() => undefined);
  }
}

interface ImportRun {
  readonly id: string;
  /** What the file is called, as far as its sender says. */
  readonly fileName?: string | undefined;
  readonly clock: Clock;
}

async function* storeBatches(
  intake: Intake,
  { format, entries }: Reading,
  { id, fileName, clock }: ImportRun,
): AsyncGenerator<UsageImport, ImportReceipt> {
  const reasons = new Reasons();
  let row = await intake.imports.open(id, format, clock.now(), fileName);
  let read = 0;
  for await (const batch of batchesOf(entries)) {
    const begins = read;
    read += batch.rows;
    reasons.add(batch.refusals);
    if (read < row.rows) continue;
    if (read === row.rows && batch.chain === row.chain) continue;
    if (begins !== row.rows) throw anotherFile();
    row = await intake.advance(row, batch, clock.now());
    yield toImport(row, clock.now());
  }
  if (read !== row.rows) throw anotherFile();
  const done = row.status === "complete" ? row : await intake.imports.complete(row, clock.now());
  return { import: toImport(done, clock.now()), refused: reasons.list() };
}

/** Half a file counts, so whoever sent it is told: how much, and both ways on. */
async function sayingWhatStands(error: unknown, intake: Intake, id: string): Promise<ApexError> {
  const failure = ApexError.from(error);
  // Then the import is another's, of another file, or gone.
  if (failure.code === "import_conflict" || failure.code === "forbidden") return failure;
  const row = await intake.imports.find(id).catch(() => null);
  if (row?.status !== "incomplete") return failure;
  const { status, rows, stored } = row;
  const { code, message, errors, retryAfter } = failure;
  const detail = `${message} The import ${id} is incomplete: ${counted(rows, "row of its file is", "rows of its file are")} done, and ${counted(stored, "record of it counts", "records of it count")}. Send the file, mended behind those rows, under the same import_id to go on, or DELETE /api/usage/imports/${id} to take it back.`;
  return new ApexError(code, detail, {
    errors,
    ...(retryAfter !== undefined && { retryAfter }),
    cutImport: { id, status, rows, stored },
    cause: failure.cause ?? failure,
  });
}
