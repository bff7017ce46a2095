/** What a contender's databases were made to write, as their files tell it: frames in SQLite's logs. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By https://sqlite.org/fileformat2.html#walformat. */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const SALTS = 16;

interface Log {
  /** Changes whenever SQLite begins to write the log from its start. */
  readonly salts: string;
  readonly frames: number;
  readonly frameBytes: number;
}

/** The write-ahead logs of all databases of a state, at a moment. */
export type Logs = ReadonlyMap<string, Log>;

/** @returns the logs below a directory as they are now. */
export function readLogs(directory: string): Logs {
  const files = globSync("**/*.sqlite-wal", { cwd: directory });
  return new Map(files.map((file) => [file, parseLog(readFileSync(join(directory, file)))]));
}

/** @returns what a log says of itself: the frames of its present round alone. */
export function parseLog(bytes: Buffer): Log {
  if (bytes.length < HEADER_BYTES) return { salts: "", frames: 0, frameBytes: 0 };
  const frameBytes = FRAME_HEADER_BYTES + bytes.readUInt32BE(8);
  const salts = bytes.subarray(SALTS, SALTS + 8).toString("hex");
  let frames = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= bytes.length; at += frameBytes) {
    // What an earlier round has left behind.
    if (bytes.subarray(at + 8, at + 16).toString("hex") !== salts) break;
    frames += 1;
  }
  return { salts, frames, frameBytes };
}

/** @returns the bytes written between two moments; null where a log was begun anew in between. */
export function writtenBetween(before: Logs, after: Logs): number | null {
  let bytes = 0;
  for (const [file, log] of after) {
    const earlier = before.get(file);
    if (earlier && earlier.salts !== "" && earlier.salts !== log.salts) return null;
    bytes += (log.frames - (earlier?.frames ?? 0)) * log.frameBytes;
  }
  return bytes;
}
