/** Files as the sources of usage write them: calls made up one after another, each unlike every other. */
import {
  type Call,
  COLUMN_MAP,
  fileOf,
  WRITTEN,
  type WrittenFormat,
} from "../../test/unit/usage/import/written.ts";

const FEATURES = ["support-chat", "code-review", "document-search"];
const LATENCY_MS = 900;

export interface ExportFile {
  /** Of the import's address. */
  readonly query: string;
  readonly contentType: string;
  readonly text: string;
}

export const EXPORT_FORMATS: readonly WrittenFormat[] = [
  "litellm",
  "helicone",
  "langfuse",
  "otlp",
  "openinference",
  "ndjson",
  "csv",
];

/** @returns so many calls in a format, the latest of them just ended. */
export function exportFile(format: WrittenFormat, rows: number): ExportFile {
  const write = WRITTEN[format];
  const until = Date.now() - LATENCY_MS;
  const written = Array.from({ length: rows }, (_, index) => write(callOf(index, until - index)));
  const isTable = format === "csv" || format === "ndjson";
  const map = isTable ? `&column_map=${encodeURIComponent(JSON.stringify(COLUMN_MAP))}` : "";
  return {
    query: `format=${format}${map}`,
    contentType: format === "csv" ? "text/csv" : "application/x-ndjson",
    text: fileOf(written, format === "csv" ? "csv" : "lines"),
  };
}

function callOf(index: number, ts: number): Call {
  return {
    trace: index.toString(16).padStart(32, "a"),
    span: index.toString(16).padStart(16, "b"),
    ts,
    latency: LATENCY_MS,
    model: "gpt-5-mini",
    input: 1_200 + (index % 800),
    read: 256,
    write: 0,
    output: 200 + (index % 150),
    reasoning: 64,
    user: `user-${index % 500}`,
    feature: FEATURES[index % FEATURES.length] ?? "",
    failed: index % 50 === 0,
  };
}
