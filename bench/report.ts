/** How the benches tell their figures: one line each, by median and 99th percentile. */

/** @returns the smallest value that at least this share of all does not exceed; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** @returns the value in the middle; of an even number of them the lower one, and NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5) ?? Number.NaN;
}

/** Prints a figure with a name: its median and its 99th percentile. */
export function printSpread(what: string, values: readonly number[], unit = "ms"): void {
  const rank = (share: number) => percentile(values, share)?.toFixed(1) ?? "–";
  const spread = `median ${rank(0.5)} ${unit}   p99 ${rank(0.99)} ${unit}`;
  console.log(`  ${what.padEnd(48)} ${spread}   of ${values.length}`);
}

/** @returns rows of cells in columns of even width: the first to the left, the others to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lineOf = (row: readonly string[]) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
  return rows.map((row) => lineOf(row).join("  ").trimEnd()).join("\n");
}

/** @returns rows of cells as a table of Markdown: the first row is its head, the first column to the left. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = line(head.map((_, column) => (column === 0 ? "---" : "--:")));
  return [line(head), rule, ...rows.map(line)].join("\n");
}
