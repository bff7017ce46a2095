/** Markdown made of what records and models name: no name in it ends a cell or adds markup. */

/** A figure, with its unit and, in brackets, its bounds. */
const FIGURE = /^[+−-]?\$?[\d,.]+(?: ?(?:%|ms|s))?(?: \(.*\))?$/;
/** What stands where there is no figure. */
const NONE = /^(?:–|unknown)?$/;

/** @returns text that Markdown shows as it stands. */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#!]/g, "\\$&");
}

/** @returns a table, or nothing where there is no row; its columns of figures to the right (GitHub Flavored Markdown, 4.10). */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  const marks = head.map((_, column) => {
    const cells = rows.map((row) => row[column] ?? "").filter((cell) => !NONE.test(cell));
    return cells.length > 0 && cells.every((cell) => FIGURE.test(cell)) ? "---:" : "---";
  });
  return [line(head), `| ${marks.join(" | ")} |`, ...rows.map(line)].join("\n");
}
