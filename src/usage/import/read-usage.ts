/** From bytes to checked records: one entry for every row of a file, whatever it is, in its order. */
import { fingerprint } from "../../core/fingerprint.ts";
import { nameId } from "../../core/name-id.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { RowFault } from "../../protocol/row-faults.ts";
import { ImportFormat } from "../../protocol/usage.ts";
import type { UsageRecord } from "../record.ts";
import { type RowReason, rowReason } from "../row-reasons.ts";
import type { ColumnMap } from "./column-map.ts";
import { csvRows } from "./csv-rows.ts";
import { isRecord } from "./format.ts";
import { detectFormat, formatOf } from "./formats.ts";
import { jsonRows } from "./json-rows.ts";
import { type Arrival, checkDraft } from "./new-record.ts";
import type { Row } from "./rows.ts";
import { decoded, notOfCharset } from "./text-stream.ts";
import { NOT_UTF8 } from "./utf8-text.ts";

/** The most rows of one file. */
const MAX_IMPORT_ROWS = 500_000;
/** Of a row that is set aside so much is kept, in characters. */
const MAX_KEPT = 4_000;

/** A file, and what its sender says of it. */
export interface UsageFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly charset: string;
  readonly isCsv: boolean;
  /** Null: it is told from the first row. */
  readonly format: ImportFormat | null;
  readonly columns: ColumnMap | undefined;
}

/** A row that was set aside. */
export interface Refusal {
  readonly record_id: string;
  readonly reason: string;
  /** The same, for programs. */
  readonly faults: readonly RowFault[];
  readonly line: number;
  /** The row as it came, as JSON or as text. */
  readonly row: string;
}

/** What became of a row. */
export type Entry = {
  /** Grows out of all the rows so far: two files that have it in common begin alike. */
  readonly chain: number;
} & (
  | { readonly kind: "record"; readonly record: UsageRecord }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "ignored" | "duplicate" }
);

/** A file under way: its format is known when its first row is. */
export interface Reading {
  readonly format: ImportFormat;
  readonly entries: AsyncIterable<Entry>;
}

/**
 * @returns the file's entries; they are read as they are asked for.
 * @throws {ApexError} `malformed_body` where its beginning is not of its charset, `invalid_fields` where its format can't
 *   be told; while reading, `too_large` past {@link MAX_IMPORT_ROWS} rows.
 */
export async function readUsage(file: UsageFile, arrival: Arrival): Promise<Reading> {
  const source = file.bytes[Symbol.asyncIterator]();
  try {
    const { isCsv, rows } = await rowsOf({ ...file, bytes: fromHere(source) });
    const first = await rows.next();
    if (!first.done && "broken" in first.value && first.value.broken === NOT_UTF8) {
      throw notOfCharset(first.value.line, file.charset);
    }
    const format = file.format ?? tellFormat(first.done ? undefined : first.value, isCsv);
    const entries = entriesOf(format, file.columns, prepended(first, rows), arrival);
    return { format, entries: lettingGo(entries, source) };
  } catch (error) {
    await source.return?.();
    throw error;
  }
}

function fromHere<Item>(source: AsyncIterator<Item>): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => source };
}

/** Ends the source with its reader, who may leave early: what is left of it is for others to read. */
async function* lettingGo(
  entries: AsyncIterable<Entry>,
  source: AsyncIterator<unknown>,
): AsyncGenerator<Entry> {
  try {
    yield* entries;
  } finally {
    await source.return?.();
  }
}

/** @returns the entries of rows that are at hand already. */
export async function* entriesOf(
  name: ImportFormat,
  columns: ColumnMap | undefined,
  rows: AsyncIterable<Row>,
  arrival: Arrival,
): AsyncGenerator<Entry> {
  const format = formatOf(name, columns);
  /** Records of this file by the fingerprints of their ids. */
  const seen = new Map<number, number>();
  let chain = 0;
  let count = 0;
  const refused = (
    row: Row,
    { sentence, faults }: RowReason,
    raw: unknown,
    id: unknown = null,
  ): Entry => {
    const text = typeof raw === "string" ? raw : JSON.stringify(raw);
    const record_id =
      typeof id === "string" && id !== "" && id.length <= 128 ? id : nameId("row", name, text);
    return {
      kind: "refused",
      chain,
      refusal: {
        record_id,
        reason: sentence,
        faults,
        line: row.line,
        row: text.slice(0, MAX_KEPT).toWellFormed(),
      },
    };
  };
  for await (const row of rows) {
    chain = fingerprint(row.text, chain);
    for (const raw of "value" in row ? format.unfold(row.value) : [null]) {
      count += 1;
      if (count > MAX_IMPORT_ROWS) throw tooMany();
      if ("broken" in row) {
        yield refused(row, row.broken, row.text);
        continue;
      }
      const mapped = format.map(raw);
      if (mapped.kind === "ignored") {
        yield { kind: "ignored", chain };
      } else if (mapped.kind === "fault") {
        yield refused(row, mapped.reason, raw);
      } else {
        const admission = checkDraft(mapped.draft, arrival, mapped.endsAt);
        if (!admission.ok) {
          const id = isRecord(mapped.draft) ? mapped.draft.record_id : null;
          yield refused(row, admission.reason, raw, id);
          continue;
        }
        const { record } = admission;
        const id = fingerprint(record.record_id);
        const content = fingerprint(JSON.stringify(record));
        const earlier = seen.get(id);
        seen.set(id, earlier ?? content);
        if (earlier === undefined) yield { kind: "record", chain, record };
        else if (earlier === content) yield { kind: "duplicate", chain };
        else yield refused(row, OTHER_VALUES, raw);
      }
    }
  }
}

const OTHER_VALUES = rowReason("id_used_before", { field: "record_id" });

/** @returns the rows of JSON where the text begins as JSON does, else of CSV. */
async function rowsOf({ bytes, charset, isCsv, format }: UsageFile) {
  const texts = decoded(bytes, charset);
  if (isCsv || format === "csv") return { isCsv: true, rows: csvRows(texts) };
  let start = "";
  let next = await texts.next();
  while (!next.done) {
    start += next.value;
    if (start.trim() !== "") break;
    next = await texts.next();
  }
  const rest = withStart(start, texts);
  const isJson = format === "ndjson" || start === "" || /^\s*[[{]/.test(start);
  return { isCsv: !isJson, rows: isJson ? jsonRows(rest) : csvRows(rest) };
}

function tellFormat(first: Row | undefined, isCsv: boolean): ImportFormat {
  const value = first !== undefined && "value" in first ? first.value : null;
  const known = detectFormat(value);
  if (known !== null) return known;
  const message = `can't be told from the first row; name one of: ${ImportFormat.options.join(", ")}`;
  throw new ApexError(
    "invalid_fields",
    `In the query: format: ${message}${isCsv ? " (csv with a column_map)" : ""}`,
    {
      errors: [{ field: "format", message, code: "not_set" }],
    },
  );
}

async function* withStart(start: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  if (start !== "") yield start;
  yield* rest;
}

async function* prepended(
  first: IteratorResult<Row>,
  rest: AsyncIterable<Row>,
): AsyncGenerator<Row> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

function tooMany(): ApexError {
  const detail = `One file has ${MAX_IMPORT_ROWS} rows at most. Cut it, and send the parts one after another.`;
  return new ApexError("too_large", detail);
}
