/** The wire as it was once written down: examples that every later version must still read. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

function read(name: string): string {
  return readFileSync(fileURLToPath(import.meta.resolve(`./golden/${name}`)), "utf8");
}

/** @returns the lines of a file of frames: each one a frame, exactly as it travels. */
export function goldenLines(name: string): string[] {
  return read(`${name}.jsonl`).split("\n").slice(0, -1);
}

/** @returns what a file of JSON holds. */
export function golden(name: string): unknown {
  return JSON.parse(read(`${name}.json`));
}
