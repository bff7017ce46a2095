/** The catalogue of formats, and how a file is told to be of one. */
import { ImportFormat } from "../../protocol/usage.ts";
import { rowReason } from "../row-reasons.ts";
import { type ColumnMap, tableFormat } from "./column-map.ts";
import { elementsOf, type Format, isRecord } from "./format.ts";
import { helicone } from "./helicone.ts";
import { langfuse } from "./langfuse.ts";
import { litellm } from "./litellm.ts";
import { anthropicUsage, openaiUsage } from "./provider-reports.ts";
import { openInferenceSpans, otlp } from "./spans.ts";

/** Our own records, field by field. */
export const apex: Format = {
  source: "api",
  recognizes: (row) => "record_id" in row && "request_model" in row,
  unfold: (value) => elementsOf(value, "records"),
  map: (row) =>
    isRecord(row)
      ? { kind: "draft", draft: row }
      : { kind: "fault", reason: rowReason("not_an_object") },
};

const FORMATS = {
  apex,
  openai_usage: openaiUsage,
  anthropic_usage: anthropicUsage,
  litellm,
  helicone,
  langfuse,
  otlp,
  openinference: openInferenceSpans,
} as const;

const NO_COLUMNS: ColumnMap = { columns: {}, constants: {} };

/** @returns the format of a name; tables are read by the columns that are named, else by our own names. */
export function formatOf(name: ImportFormat, columns: ColumnMap | undefined): Format {
  if (name === "csv" || name === "ndjson") return tableFormat(name, columns ?? NO_COLUMNS);
  return FORMATS[name];
}

/** @returns the format that recognizes the first value of a file; null for none. */
export function detectFormat(value: unknown): ImportFormat | null {
  const { data } = isRecord(value) ? value : {};
  const first: unknown = Array.isArray(data) && !("object" in Object(value)) ? data[0] : value;
  const candidates = [value, first].filter(isRecord);
  const found = Object.entries(FORMATS).find(([, format]) =>
    candidates.some((candidate) => format.recognizes(candidate)),
  );
  return ImportFormat.safeParse(found?.[0]).data ?? null;
}
