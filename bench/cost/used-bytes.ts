/** What databases take on the disk, as SQLite itself counts it: pages that hold something. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";

const Used = z.object({ bytes: z.number() });

/** @param kind of databases below a state directory: those of objects, or of D1. */
export function usedBytes(stateDirectory: string, kind: "do" | "d1"): number {
  const directory = join(stateDirectory, "v3", kind);
  // Beside them lies what the runtime keeps of them all: it is no database of theirs.
  const files = globSync("**/*.sqlite", { cwd: directory }).filter(
    (file) => !file.endsWith("metadata.sqlite"),
  );
  return files.reduce((sum, file) => sum + usedBytesOf(join(directory, file)), 0);
}

function usedBytesOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const sql = `SELECT (page_count - freelist_count) * page_size AS bytes
      FROM pragma_page_count, pragma_freelist_count, pragma_page_size`;
    return Used.parse(database.prepare(sql).get()).bytes;
  } finally {
    database.close();
  }
}
