/** Rows of a CSV (RFC 4180) out of a stream of text, by the names in its first line. */
import { parse } from "csv-parse/stream";
import * as z from "zod";
import { rowReason } from "../row-reasons.ts";
import type { Row } from "./rows.ts";
import { NOT_UTF8, UNDECODED } from "./utf8-text.ts";

/** The most one row may be, in bytes; and its first line, in characters. */
const MAX_ROW_BYTES = 4 * 1024 * 1024;
/** The most columns a file may name. */
const MAX_COLUMNS = 1_000;
/** What may stand between columns: the commonest of them in the first line does. */
const DELIMITERS = [",", ";", "\t"] as const;

const Parsed = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.number(), bytes: z.number() }),
});

/**
 * @returns the rows as objects of text, each with the line it begins on. Past a quote that is never closed,
 *   or names of columns that are no UTF-8, nothing can be read.
 */
export async function* csvRows(texts: AsyncIterable<string>): AsyncGenerator<Row> {
  const source = texts[Symbol.asyncIterator]();
  const start = await firstLineOf(source);
  let unclosed: string | null = null;
  /** Bytes up to the end of the last whole row. */
  let whole = 0;
  const undecoded = new UndecodedPlaces();
  const { readable, writable } = parse({
    delimiter: delimiterOf(start),
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
    on_skip(error) {
      unclosed = error?.message ?? "";
      return undefined;
    },
    on_record(record, { bytes }) {
      whole = bytes;
      return record;
    },
  });
  // One piece at a time: written is parsed, so that a row without an end is noticed.
  const feeding = feed(
    writable,
    encoded(start, source, undecoded),
    (fed) => fed - whole < MAX_ROW_BYTES,
  );
  let header: readonly string[] | null = null;
  let ended = 0;
  for await (const parsed of readable) {
    const { record, info } = Parsed.parse(parsed);
    const line = info.lines - breaksIn(record);
    ended = info.lines;
    if (undecoded.anyBefore(info.bytes)) {
      yield { line, broken: NOT_UTF8, text: record.join(",").slice(0, 2_000) };
      header ??= [];
    } else if (header === null) header = record.slice(0, MAX_COLUMNS).map((name) => name.trim());
    else yield rowOf(header, record, line);
  }
  await feeding;
  if (unclosed !== null) {
    yield { line: ended + 1, broken: rowReason("not_csv", { found: unclosed }), text: "" };
  }
}

/** Writes pieces while they are wanted. A failure of theirs is what the reader of the rows is told. */
async function feed(
  writable: WritableStream<Uint8Array>,
  pieces: AsyncIterable<Uint8Array>,
  isWanted: (fed: number) => boolean,
): Promise<void> {
  const writer = writable.getWriter();
  let fed = 0;
  try {
    for await (const piece of pieces) {
      await writer.write(piece);
      fed += piece.length;
      if (!isWanted(fed)) break;
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
  }
}

function rowOf(header: readonly string[], record: readonly string[], line: number): Row {
  const text = record.join(",");
  if (record.length !== header.length) {
    const values = { found: String(record.length), bound: header.length };
    const broken = rowReason("wrong_number_of_values", values);
    return { line, broken, text: text.slice(0, 2_000) };
  }
  const value = Object.fromEntries(header.map((name, index) => [name, record[index]]));
  return { line, value, text };
}

/** @returns the text up to the end of its first line, or further. */
async function firstLineOf(source: AsyncIterator<string>): Promise<string> {
  let start = "";
  while (!start.includes("\n") && start.length < MAX_ROW_BYTES) {
    const next = await source.next();
    if (next.done) break;
    start += next.value;
  }
  return start;
}

async function* encoded(
  start: string,
  rest: AsyncIterator<string>,
  undecoded: UndecodedPlaces,
): AsyncGenerator<Uint8Array> {
  yield undecoded.encode(start);
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    yield undecoded.encode(next.value);
  }
}

/** Where the text that the parser is fed was no UTF-8: the parser, which is fed bytes, can't be told in them. */
class UndecodedPlaces {
  readonly #encoder = new TextEncoder();
  readonly #places: number[] = [];
  #fed = 0;

  /** @returns the bytes to feed, U+FFFD where it was no UTF-8. */
  encode(text: string): Uint8Array {
    const bytes = this.#encoder.encode(text);
    if (!text.isWellFormed()) {
      let at = this.#fed;
      for (const part of text.split(UNDECODED).slice(0, -1)) {
        at += this.#encoder.encode(part).length;
        this.#places.push(at);
        at += this.#encoder.encode(UNDECODED).length;
      }
    }
    this.#fed += bytes.length;
    return bytes;
  }

  /** @returns whether one lies before an offset in what was fed; it is asked about once. */
  anyBefore(offset: number): boolean {
    const next = this.#places.findIndex((place) => place >= offset);
    return this.#places.splice(0, next < 0 ? this.#places.length : next).length > 0;
  }
}

function delimiterOf(start: string): string {
  const line = start.split("\n", 1)[0] ?? "";
  const counts = DELIMITERS.map((each) => line.split(each).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Cells may hold breaks: the line a row ends on is not the one it begins on. */
function breaksIn(record: readonly string[]): number {
  return record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
}
