/** The sample company's records as files that a company would import: one row a record. */
import { UsageRecord } from "../record.ts";

/** Whether a row's input tokens hold the cached ones: sources differ, and reports go wrong over it. */
export type Cached = "included" | "separate";

const COLUMNS = UsageRecord.omit({ workspace_id: true }).keyof().options;

/** @returns the record as a row of its source; to whose workspace it belongs, the import decides. */
export function exportRow(
  { workspace_id: _, ...record }: UsageRecord,
  cached: Cached,
): Omit<UsageRecord, "workspace_id"> {
  if (cached === "included") return record;
  const { input_tokens, cache_read_tokens, cache_write_tokens } = record;
  return { ...record, input_tokens: input_tokens - cache_read_tokens - cache_write_tokens };
}

/** Gives the lines of a file in a format, each with its end (CSV: RFC 4180, lists as JSON). */
export function* exportLines(
  records: Iterable<UsageRecord>,
  format: "ndjson" | "csv",
  cached: Cached,
): Generator<string> {
  if (format === "csv") yield `${COLUMNS.join(",")}\r\n`;
  for (const record of records) {
    const row = exportRow(record, cached);
    yield format === "csv"
      ? `${COLUMNS.map((column) => cell(row[column])).join(",")}\r\n`
      : `${JSON.stringify(row)}\n`;
  }
}

function cell(value: string | number | null | object): string {
  if (value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
