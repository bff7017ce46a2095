/** How the tools write their summaries: figures as answers show them, and tables that names can't break. */

export {
  count,
  decimal,
  milliseconds,
  percentage,
  signedUsd,
  UNKNOWN,
  usd,
} from "../core/grounding/figures.ts";

/** @returns a Markdown table. Names come from the records, so none can end a cell or add markup. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** @returns text that Markdown shows as it stands. */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#!]/g, "\\$&");
}
