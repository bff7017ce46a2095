/** What the server tells of usage, as checks: an answer of another form is not believed. */
import type { SubstituteCode } from "../protocol/fallbacks.ts";
import type { CutImport } from "../protocol/problem.ts";
import type { RowFault, RowFaultCode } from "../protocol/row-faults.ts";
import type { ToolExecution } from "../protocol/tools.ts";
import type {
  ImportEvent,
  ImportFormat,
  ImportPreview,
  ImportReceipt,
  Price,
  Prices,
  QuarantinedRow,
  QuarantinePage,
  RefusedRows,
  UsageImport,
  UsageImportPage,
} from "../protocol/usage.ts";
import {
  boolean,
  type Check,
  count,
  isObject,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  present,
  text,
} from "./checks.ts";
import { isCutImport, PAGING } from "./entities.ts";

const isFormat = oneOf<ImportFormat>({
  apex: 1,
  openai_usage: 1,
  anthropic_usage: 1,
  litellm: 1,
  helicone: 1,
  langfuse: 1,
  otlp: 1,
  openinference: 1,
  csv: 1,
  ndjson: 1,
});

const isRowFault = object<RowFault>({
  code: text<RowFaultCode>,
  field: optional(text),
  found: optional(text),
  other: optional(text),
  bound: optional(number),
});
const refused = list(
  object<RefusedRows>({
    reason: text,
    faults: optional(list(isRowFault)),
    rows: count,
    lines: list(count),
  }),
);

const counts = {
  rows: count,
  stored: count,
  known: count,
  duplicates: count,
  ignored: count,
  quarantined: count,
};

export const isUsageImport = object<UsageImport>({
  ...counts,
  id: text,
  format: isFormat,
  status: oneOf({ incomplete: 1, complete: 1, rolling_back: 1 }),
  under_way: boolean,
  file_name: nullable(text),
  first_at: nullable(text),
  last_at: nullable(text),
  created_at: text,
  updated_at: text,
});

export const isImportPreview = object<ImportPreview>({
  ...counts,
  dry_run: (value): value is true => value === true,
  format: isFormat,
  refused,
  examples: list(isObject),
  first_at: nullable(text),
  last_at: nullable(text),
  reported_usd: number,
  computed_usd: number,
  unpriced: count,
});

export const isUsageImportPage = object<UsageImportPage>({ data: list(isUsageImport), ...PAGING });

const isReceipt = object<ImportReceipt>({ import: isUsageImport, refused });
const isProgress = object<{ import: UsageImport }>({ import: isUsageImport });
const isFailure = object<{ code: string; detail: string; import_id: string; import?: CutImport }>({
  code: text,
  detail: text,
  import_id: text,
  import: optional(isCutImport),
});

export const isImportEvent: Check<ImportEvent> = (value): value is ImportEvent => {
  if (!isObject(value)) return false;
  if (value.type === "import_progress") return isProgress(value);
  return value.type === "import_completed" ? isReceipt(value) : isFailure(value);
};

export const isQuarantinePage = object<QuarantinePage>({
  data: list(
    object<QuarantinedRow>({
      record_id: text,
      reason: text,
      line: nullable(count),
      import_id: nullable(text),
      record: (value): value is unknown => value !== undefined,
    }),
  ),
  ...PAGING,
});

export const isPrice = object<Price>({
  id: text,
  provider: text,
  model_pattern: text,
  service_tier: text,
  rates: object<Price["rates"]>({
    input: number,
    cache_read: number,
    cache_write: number,
    cache_write_1h: optional(number),
    output: number,
  }),
  valid_from: text,
  valid_to: nullable(text),
  source: text,
  checked_at: text,
});

export const isPrices = object<Prices>({ data: list(isPrice) });

/** What a tool gives is its own; what it says of itself is checked. */
export const isToolExecution = object<ToolExecution>({
  call_id: text,
  tool_name: text,
  duration_ms: number,
  output: present,
  findings: (value): value is ToolExecution["findings"] => list(isObject)(value),
  degraded: nullable(
    object<NonNullable<ToolExecution["degraded"]>>({
      code: text<SubstituteCode>,
      reason: text,
      action: text,
      until: nullable(text),
      as_of: text,
    }),
  ),
});
