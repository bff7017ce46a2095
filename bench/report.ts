/** How the benches tell their figures: one line each, by median and 99th percentile. */

/** Of fewer values, the 99th percentile is nothing but the highest of them. */
const ENOUGH_FOR_P99 = 100;

/** @returns the smallest value that at least this share of all does not exceed; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** @returns the value in the middle; of an even number of them the mean of the two there, and NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return (low + high) / 2;
}

/** Prints a figure with a name: its median and its 99th percentile, or the highest where there are too few for one. */
export function printSpread(what: string, values: readonly number[], unit = "ms"): void {
  console.log(spreadLine(what, values, unit));
}

/** @returns what the far end of so many values is called: of few it is nothing but the highest. */
export function farEndOf(values: readonly number[]): "p99" | "highest" {
  return values.length < ENOUGH_FOR_P99 ? "highest" : "p99";
}

/** @returns what {@link printSpread} prints. */
export function spreadLine(what: string, values: readonly number[], unit: string): string {
  const told = (value: number | null) =>
    value === null || Number.isNaN(value) ? "–" : `${value.toFixed(1)} ${unit}`;
  const spread = `median ${told(median(values))}   ${farEndOf(values)} ${told(percentile(values, 0.99))}`;
  return `  ${what.padEnd(48)} ${spread}   of ${values.length}`;
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
