/** The table of the comparing bench: for a terminal, and as Markdown for a document. */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { alignColumns, markdownTable } from "../report.ts";
import type { Row } from "./figures.ts";

const HEAD = ["figure", "floor", "peer", "Apex Edge", "÷ floor", "÷ peer", "target", "met", "n"];
const Package = z.object({ version: z.string() });

/** @returns where the figures come from: the machine, and the versions of what ran. */
export function machine(): string {
  const versions = [
    `Node ${process.version}`,
    `workerd ${versionOf("node_modules/workerd")}`,
    `wrangler ${versionOf("node_modules/wrangler")}`,
    `agents ${versionOf("bench/compare/peer/node_modules/agents")}`,
    `@cloudflare/ai-chat ${versionOf("bench/compare/peer/node_modules/@cloudflare/ai-chat")}`,
  ];
  return [`${cpus().length} × ${cpus()[0]?.model.trim()}`, ...versions].join(", ");
}

/** @returns the rows in columns of even width. */
export function asText(rows: readonly Row[]): string {
  return alignColumns([HEAD, ...rows.map(cellsOf)]);
}

/** @returns the rows as a table of Markdown, the machine above it. */
export function asMarkdown(rows: readonly Row[], from: string): string {
  return [from, "", markdownTable([HEAD, ...rows.map(cellsOf)])].join("\n");
}

function cellsOf({ label, unit, values, toFloor, toPeer, target, met, samples }: Row): string[] {
  const value = (number: number | null) =>
    number === null ? "–" : [plain(number), unit].filter(Boolean).join(" ");
  const ratio = (number: number | null) => (number === null ? "–" : `${number.toFixed(2)}×`);
  const { floor, peer, apex } = values;
  const verdict = met === null ? "" : met ? "yes" : "no";
  const cells = [label, value(floor), value(peer), value(apex), ratio(toFloor), ratio(toPeer)];
  return [...cells, target, verdict, String(samples)];
}

/** Whole numbers as they are, others to three figures at least. */
function plain(number: number): string {
  return Number.isInteger(number) ? String(number) : number.toFixed(Math.abs(number) < 10 ? 2 : 1);
}

function versionOf(path: string): string {
  const file = join(import.meta.dirname, "../..", path, "package.json");
  return Package.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
