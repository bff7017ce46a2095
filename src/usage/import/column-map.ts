/** Tables of anybody's: which column holds what, and whether totals hold their parts, stated by who sends them. */
import * as z from "zod";
import { nameId } from "../../core/name-id.ts";
import { rowReason } from "../row-reasons.ts";
import { elementsOf, type Format, isRecord, type Mapped } from "./format.ts";
import { NewUsageRecord } from "./new-record.ts";
import { isNothing, optionalText, readAmount, readMoment, userHash } from "./raw-fields.ts";

/** The fields that a column may hold. */
const Field = NewUsageRecord.keyof().exclude([
  "workspace_id",
  "source",
  "block_hmacs",
  "finish_reasons",
]);
type Field = z.infer<typeof Field>;

/** What a table has to state before such a field of it is read: without it, a total means nothing. */
const STATEMENTS = {
  cached: "cached_not_stated",
  reasoning: "reasoning_not_stated",
} as const;
type Statement = keyof typeof STATEMENTS;
const NEEDED: Readonly<Partial<Record<Field, Statement>>> = {
  cache_read_tokens: "cached",
  cache_write_tokens: "cached",
  cache_write_1h_tokens: "cached",
  reasoning_tokens: "reasoning",
};

/** @returns what a column map lacks before these fields can be read. */
function unstated(
  fields: readonly Field[],
  map: { readonly [Name in Statement]?: string | undefined },
): Set<Statement> {
  const needed = fields.flatMap((name) => NEEDED[name] ?? []);
  return new Set(needed.filter((statement) => map[statement] === undefined));
}

const column = z.string().min(1).max(200);

export const ColumnMap = z
  .strictObject({
    columns: z
      .partialRecord(Field, column)
      .describe("The column of each field; a field that stands under its own name needs none"),
    constants: z
      .partialRecord(Field, column)
      .default({})
      .describe("What a field holds in every row"),
    cached: z
      .enum(["included", "separate"])
      .optional()
      .describe("Whether input tokens hold the cached ones"),
    reasoning: z
      .enum(["included", "separate"])
      .optional()
      .describe("Whether output tokens hold the reasoning"),
  })
  .superRefine((map, context) => {
    const named = Field.options.filter((name) => map.columns[name] ?? map.constants[name]);
    for (const statement of unstated(named, map)) {
      const { sentence } = rowReason(STATEMENTS[statement]);
      context.addIssue({ code: "custom", path: [statement], message: sentence });
    }
  });
export type ColumnMap = z.infer<typeof ColumnMap>;

/** Fields that are numbers in a record; a cell of them that is no number is a fault. */
const NUMBERS = new Set<string>([
  "attempt",
  "request_max_tokens",
  "request_temperature",
  "input_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "cache_write_1h_tokens",
  "output_tokens",
  "reasoning_tokens",
  "latency_ms",
  "ttft_ms",
  "deadline_h",
  "quality_score",
  "n_requests",
  "context_tokens",
  "cost_reported",
] satisfies Field[]);
const FLAGS: Readonly<Record<string, 0 | 1>> = { "1": 1, true: 1, yes: 1, "0": 0, false: 0, no: 0 };

/** @returns the format of a table whose columns are named. A row without an id is named by all it holds. */
export function tableFormat(source: string, columnMap: ColumnMap): Format {
  const { columns, constants, cached, reasoning } = columnMap;
  function map(row: unknown): Mapped {
    if (!isRecord(row)) return { kind: "fault", reason: rowReason("not_an_object") };
    const draft: Record<string, unknown> = { source };
    for (const name of Field.options) {
      const field = columns[name] ?? name;
      const cell = constants[name] ?? row[field];
      if (isNothing(cell)) continue;
      const [missing] = unstated([name], columnMap);
      if (missing !== undefined)
        return { kind: "fault", reason: rowReason(STATEMENTS[missing], { field }) };
      const value = read(name, cell);
      if (value === undefined) {
        const values = { field, other: name, found: String(cell).slice(0, 60) };
        return { kind: "fault", reason: rowReason("unreadable", values) };
      }
      draft[name] = value;
    }
    // A table that counts requests is one of sums, also where a row of it sums up a single call.
    if (draft.n_requests !== undefined) draft.granularity ??= "bucket";
    const number = (name: Field) => Number(draft[name] ?? 0);
    if (cached === "separate") {
      draft.input_tokens =
        number("input_tokens") + number("cache_read_tokens") + number("cache_write_tokens");
    }
    if (reasoning === "separate") {
      draft.output_tokens = number("output_tokens") + number("reasoning_tokens");
    }
    draft.record_id ??= nameId(
      source,
      ...Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    return { kind: "draft", draft };
  }
  return { source, recognizes: () => false, unfold: (value) => elementsOf(value, "data"), map };
}

const SUCCESS =
  /^(ok|success|successful|succeeded|complete|completed|done|finished|stop|length|2\d\d)$/i;
const FAILURE =
  /^(error|errored|fail|failed|failure|exception|timeout|timed[ _-]?out|rate[ _-]?limited|cancelled|canceled|aborted|[45]\d\d)$/i;

/** @returns what a word, or a status of HTTP, tells of a call; undefined where it is not known to tell. */
function readStatus(word: string): "ok" | "error" | undefined {
  const trimmed = word.trim();
  if (SUCCESS.test(trimmed)) return "ok";
  return FAILURE.test(trimmed) ? "error" : undefined;
}

/** @returns what a cell holds for a field, or undefined where it can't. */
function read(name: Field, cell: unknown): unknown {
  if (name === "ts") return readMoment(cell);
  if (name === "interactive" || name === "request_stream") return FLAGS[String(cell).toLowerCase()];
  if (name === "status") return readStatus(String(cell));
  if (NUMBERS.has(name)) return readAmount(cell);
  const words = optionalText.safeParse(cell).data ?? undefined;
  return name === "user_hash" && words !== undefined ? userHash(words) : words;
}

/** The same, written as JSON. */
export const ColumnMapText = z
  .string()
  .max(8_000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({
        code: "custom",
        message: "must be JSON",
        params: { code: "invalid_format" },
      });
      return z.NEVER;
    }
  })
  .pipe(ColumnMap);
