/** Rows of a CSV (RFC 4180) out of a stream of text, by the names in its first line. */
import { parse } from "csv-parse/stream";
import * as z from "zod";
import type { Row } from "./rows.ts";

/** The most one row may be, in characters. */
const MAX_ROW_LENGTH = 1024 * 1024;
/** The most columns a file may name. */
const MAX_COLUMNS = 1_000;
/** What may stand between columns: the commonest of them in the first line does. */
const DELIMITERS = [",", ";", "\t"] as const;

const Parsed = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });

/** @returns the rows as objects of text, each with the line it begins on. Past a quote that is never closed nothing can be read. */
export async function* csvRows(texts: AsyncIterable<string>): AsyncGenerator<Row> {
  const source = texts[Symbol.asyncIterator]();
  const start = await firstLineOf(source);
  const delimiter = delimiterOf(start);
  const bytes = streamOf(encoded(start, source));
  const options = {
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MAX_ROW_LENGTH,
  };
  const { readable, writable } = parse(options);
  let header: readonly string[] | null = null;
  let ended = 0;
  try {
    for await (const parsed of bytes.pipeThrough({ readable, writable })) {
      const { record, info } = Parsed.parse(parsed);
      const line = info.lines - breaksIn(record);
      ended = info.lines;
      if (header === null) header = record.slice(0, MAX_COLUMNS).map((name) => name.trim());
      else yield rowOf(header, record, line);
    }
  } catch (error) {
    if (!isOfCsv(error)) throw error;
    const broken = `is no CSV, and neither is what follows: ${error.message.slice(0, 200)}`;
    yield { line: ended + 1, broken, text: "" };
  }
}

function rowOf(header: readonly string[], record: readonly string[], line: number): Row {
  const text = record.join(",");
  if (record.length !== header.length) {
    const broken = `has ${record.length} values, the first line names ${header.length}`;
    return { line, broken, text: text.slice(0, 2_000) };
  }
  const value = Object.fromEntries(header.map((name, index) => [name, record[index]]));
  return { line, value, text };
}

/** @returns the text up to the end of its first line, or further. */
async function firstLineOf(source: AsyncIterator<string>): Promise<string> {
  let start = "";
  while (!start.includes("\n") && start.length < MAX_ROW_LENGTH) {
    const next = await source.next();
    if (next.done) break;
    start += next.value;
  }
  return start;
}

async function* encoded(start: string, rest: AsyncIterator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(start);
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    yield encoder.encode(next.value);
  }
}

/** The next piece is asked for when the last one was taken. */
function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await pieces.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
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

function isOfCsv(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("CSV_");
}
