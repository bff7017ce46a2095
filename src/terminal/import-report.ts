/** An import in words: what it would do, and what it did. */

import { counted, plural } from "../protocol/plural.ts";
import type { ImportPreview, RefusedRows, UsageImport } from "../protocol/usage.ts";
import { oneLine } from "./plain-text.ts";

/** Columns of an example that are shown. */
const SHOWN = [
  "record_id",
  "ts",
  "request_model",
  "input_tokens",
  "cache_read_tokens",
  "output_tokens",
  "cost_computed",
];

export function describePreview(preview: ImportPreview): string {
  const { format, rows, stored, duplicates, ignored, quarantined, first_at, last_at } = preview;
  const lines = [
    `${counted(rows, "row")} of ${format}: ${counted(stored, "record")} to store, ${counted(duplicates, "duplicate")}, ${ignored} that ${plural(ignored, "tells", "tell")} of no call, ${quarantined} to set aside.`,
  ];
  if (first_at !== null && last_at !== null) lines.push(`From ${first_at} to ${last_at}.`);
  const unpriced =
    preview.unpriced > 0
      ? `, ${counted(preview.unpriced, "record has", "records have")} no known price`
      : "";
  lines.push(
    `$${preview.computed_usd.toFixed(2)} by the price list${unpriced}; $${preview.reported_usd.toFixed(2)} as reported.`,
  );
  const examples = preview.examples.map((record) =>
    SHOWN.map((name) => `${name} ${oneLine(String(record[name]), 40)}`).join("  "),
  );
  return [...lines, ...examples.map((example) => `  ${example}`), describeRefused(preview.refused)]
    .join("\n")
    .trimEnd();
}

export function describeImport({ id, rows, stored, known, quarantined }: UsageImport): string {
  return `${counted(rows, "row")}: ${counted(stored, "record")} stored, ${known} known already, ${quarantined} set aside. Import ${id}.`;
}

/** @returns a line a reason; nothing for none. */
export function describeRefused(refused: readonly RefusedRows[]): string {
  return refused
    .map(({ reason, rows, lines }) => {
      const where =
        lines.length > 0 ? ` (line ${lines.join(", ")}${rows > lines.length ? ", …" : ""})` : "";
      return `  set aside: ${rows} × ${oneLine(reason, 200)}${where}\n`;
    })
    .join("");
}
