/** The bodies about usage: records and imports on their way in, what became of them, and prices of one's own. */
import * as z from "zod";
import { Timestamp } from "./ids.ts";
import { MAX_FILE_NAME_LENGTH } from "./limits.ts";
import { CursorQuery, page } from "./paging.ts";
import { CutImport } from "./problem.ts";
import { RowFault } from "./row-faults.ts";

/** The formats that usage comes in. */
export const ImportFormat = z.enum([
  "apex",
  "openai_usage",
  "anthropic_usage",
  "litellm",
  "helicone",
  "langfuse",
  "otlp",
  "openinference",
  "csv",
  "ndjson",
]);
export type ImportFormat = z.infer<typeof ImportFormat>;

const count = z.number().int().min(0);

/** Why some rows were set aside. */
export const RefusedRows = z.object({
  reason: z.string().describe("Of the first of them, in English"),
  faults: z
    .array(RowFault)
    .optional()
    .describe("The same, for programs; earlier servers tell none"),
  rows: count,
  lines: z.array(z.number().int()).describe("Where the first of them stand, from 1"),
});
export type RefusedRows = z.infer<typeof RefusedRows>;

/** What became of rows. Every row is counted once. */
export const IntakeCounts = z.object({
  rows: count,
  stored: count.describe("Records that are new"),
  known: count.describe("Records that were here already; nothing changed"),
  duplicates: count.describe("Rows that say again what a row before them said"),
  ignored: count.describe("Rows that tell of no call of a model"),
  quarantined: count.describe("Rows set aside, with a reason each"),
});
export type IntakeCounts = z.infer<typeof IntakeCounts>;

/** The answer to records that were sent. */
export const IntakeReceipt = IntakeCounts.extend({
  refused: z.array(RefusedRows).describe("The reasons for those set aside, the commonest first"),
});
export type IntakeReceipt = z.infer<typeof IntakeReceipt>;

/** What the file of an import is called, to be known again by people. */
export const ImportFileName = z.string().trim().min(1).max(MAX_FILE_NAME_LENGTH);

/** The id of an import, chosen by who sends it, so that it can be sent again. */
export const ImportId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** A file that was taken in, with what became of its rows. */
export const UsageImport = IntakeCounts.extend({
  id: z.string(),
  format: ImportFormat,
  status: z
    .enum(["incomplete", "complete", "rolling_back"])
    .describe("incomplete: under way, or cut off; send the same file again to go on"),
  under_way: z
    .boolean()
    .describe(
      "incomplete, and somebody sends it: a part came within the last minute, and nothing broke it off",
    ),
  file_name: z
    .string()
    .nullable()
    .describe("As its sender called the file; null where it has no name"),
  first_at: Timestamp.nullable().describe("Of the earliest record it has stored"),
  last_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type UsageImport = z.infer<typeof UsageImport>;

/** Which imports are listed. */
export const ImportsQuery = CursorQuery.extend({
  status: UsageImport.shape.status.optional().describe("Only these"),
});
export type ImportsQuery = z.infer<typeof ImportsQuery>;

/** A page of imports. */
export const UsageImportPage = page(UsageImport);
export type UsageImportPage = z.infer<typeof UsageImportPage>;

/** The answer to an import. */
export const ImportReceipt = z.object({
  import: UsageImport,
  refused: z.array(RefusedRows).describe("The reasons for rows set aside this time"),
});
export type ImportReceipt = z.infer<typeof ImportReceipt>;

/** What an import would do, with nothing done. */
export const ImportPreview = z.object({
  dry_run: z.literal(true),
  format: ImportFormat,
  ...IntakeCounts.shape,
  refused: z.array(RefusedRows),
  examples: z
    .array(z.record(z.string(), z.unknown()))
    .describe("The first records, as they would be stored"),
  first_at: Timestamp.nullable(),
  last_at: Timestamp.nullable(),
  reported_usd: z.number().describe("What the source says they cost"),
  computed_usd: z.number().describe("What the price list says of those it knows"),
  unpriced: count.describe("Records whose model has no known price"),
});
export type ImportPreview = z.infer<typeof ImportPreview>;

/** What an import tells while it runs, as server-sent events named by their type. */
export const ImportEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("import_progress"), import: UsageImport }),
  z.object({ type: z.literal("import_completed"), ...ImportReceipt.shape }),
  z.object({
    type: z.literal("import_failed"),
    code: z.string(),
    detail: z.string(),
    import_id: z.string(),
    import: CutImport.optional().describe("What stands of it"),
  }),
]);
export type ImportEvent = z.infer<typeof ImportEvent>;

/** A row that was set aside, and why. */
export const QuarantinedRow = z.object({
  record_id: z.string(),
  reason: z.string(),
  line: z.number().int().nullable().describe("Where it stood in its file"),
  import_id: z.string().nullable(),
  record: z.unknown().describe("The row as it came, cut where it is long"),
});
export type QuarantinedRow = z.infer<typeof QuarantinedRow>;
/** A page of rows that were set aside. */
export const QuarantinePage = page(QuarantinedRow);
export type QuarantinePage = z.infer<typeof QuarantinePage>;

const rate = z.number().min(0).max(1e6);

/** A price of one's own: by contract, it goes before the price list's. */
export const PriceBody = z
  .strictObject({
    provider: z.string().min(1).max(100),
    model_pattern: z
      .string()
      .min(1)
      .max(100)
      .describe("A model's name; a * at its end stands for any ending"),
    service_tier: z.string().min(1).max(100).default("standard"),
    rates: z
      .strictObject({
        input: rate,
        cache_read: rate,
        cache_write: rate,
        cache_write_1h: rate.optional().describe("Kept an hour; as cache_write where left out"),
        output: rate,
      })
      .describe("USD per million tokens"),
    valid_from: Timestamp.describe("The first moment it counts at"),
    valid_to: Timestamp.nullable().default(null).describe("The first moment it no longer does"),
    source: z.string().min(1).max(300).describe("Where the price is written down"),
  })
  .refine(({ valid_from, valid_to }) => valid_to === null || valid_from < valid_to, {
    path: ["valid_to"],
    message: "must be after valid_from",
  });
export type PriceBody = z.infer<typeof PriceBody>;

/** A price of one's own, in place of the list's. */
export const Price = z.object({
  id: z.string(),
  provider: z.string(),
  model_pattern: z.string(),
  service_tier: z.string(),
  rates: z.object({
    input: z.number(),
    cache_read: z.number(),
    cache_write: z.number(),
    cache_write_1h: z.number().optional(),
    output: z.number(),
  }),
  valid_from: Timestamp,
  valid_to: Timestamp.nullable(),
  source: z.string(),
  checked_at: Timestamp,
});
export type Price = z.infer<typeof Price>;
/** One's own prices. */
export const Prices = z.object({ data: z.array(Price) });
export type Prices = z.infer<typeof Prices>;
