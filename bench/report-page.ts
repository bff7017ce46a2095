/** A bench's report as one self-contained page: its tables and plots, with nothing to load. */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { html, raw } from "hono/html";

const DIRECTORY = join(import.meta.dirname, "../artefacts");

export interface Cell {
  readonly text: string;
  /** Whether a target is kept; null where there is none. */
  readonly met?: boolean | null;
}

export interface Section {
  readonly title: string;
  readonly text?: string;
  /** The first row is the head, and the first cell of each names it. */
  readonly table?: readonly (readonly Cell[])[];
  /** Each as the text of a figure, made by us. */
  readonly plots?: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; font-weight: normal; }
td[data-met="true"]::after { content: " ✓"; color: #2a8c4a; }
td[data-met="false"]::after { content: " ✗"; color: #d33; font-weight: bold; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; max-width: 100%; }
figure h2 { font-size: 1rem; margin: 0; }
svg { max-width: 100%; height: auto; background: transparent; }
`;

/** @returns the whole page. @param under what is said below the title: the machine, the date. */
export async function reportPage(
  title: string,
  under: string,
  sections: readonly Section[],
): Promise<string> {
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${raw(STYLE)}</style></head>
<body><h1>${title}</h1><p>${under}</p>
${sections.map(sectionOf)}
</body></html>
`;
  return String(await page);
}

/** Writes a file into the directory of artefacts. @returns its path. */
export async function writeArtefact(name: string, text: string): Promise<string> {
  await mkdir(DIRECTORY, { recursive: true });
  const path = join(DIRECTORY, name);
  await writeFile(path, text);
  return path;
}

/** @returns what ran it, and when. */
export function circumstances(now = new Date()): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`;
  return `${now.toISOString().slice(0, 16).replace("T", " ")} UTC, ${machine}`;
}

function sectionOf({ title, text, table, plots }: Section) {
  return html`<section><h2>${title}</h2>
${text === undefined ? "" : html`<p>${text}</p>`}
${table === undefined ? "" : html`<div class="scroll"><table>${table.map(rowOf)}</table></div>`}
${plots === undefined ? "" : html`<div class="plots">${plots.map((plot) => raw(plot))}</div>`}
</section>`;
}

function rowOf(cells: readonly Cell[], index: number) {
  const cellOf = ({ text, met }: Cell) =>
    index === 0
      ? html`<th scope="col">${text}</th>`
      : html`<td data-met="${String(met ?? "")}">${text}</td>`;
  return html`<tr>${cells.map(cellOf)}</tr>`;
}
