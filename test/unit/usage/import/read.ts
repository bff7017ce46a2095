/** Files read as the product reads them, for tests that look at what comes of it. */
import type { ImportFormat } from "../../../../src/protocol/usage.ts";
import type { ColumnMap } from "../../../../src/usage/import/column-map.ts";
import { type Entry, readUsage } from "../../../../src/usage/import/read-usage.ts";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { cut } from "./written.ts";

export const NOW = Date.UTC(2026, 10, 21);

interface Given {
  readonly format?: ImportFormat | null;
  readonly columns?: ColumnMap;
  readonly size?: number;
  readonly charset?: string;
  readonly isCsv?: boolean;
}

/** @returns the format a file was read as, and its entries. */
export async function readAll(content: string | Uint8Array, given: Given = {}) {
  const { format = null, columns, size = 65_536, charset = "utf-8", isCsv = false } = given;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const file = { bytes: cut(bytes, size), charset, isCsv, format, columns };
  const reading = await readUsage(file, { workspaceId: "mine", now: NOW });
  const entries: Entry[] = [];
  for await (const entry of reading.entries) entries.push(entry);
  return { format: reading.format, entries };
}

export function recordsOf(entries: readonly Entry[]): UsageRecord[] {
  return entries.flatMap((entry) => (entry.kind === "record" ? [entry.record] : []));
}

export function refusalsOf(entries: readonly Entry[]) {
  return entries.flatMap((entry) =>
    entry.kind === "refused" ? [{ line: entry.refusal.line, reason: entry.refusal.reason }] : [],
  );
}
