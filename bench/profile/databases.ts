/** What the databases of objects that are awake keep in memory while they grow: SQLite caches their pages, up to a bound. */
import type { Contender } from "../compare/contender.ts";
import { isolatesOf } from "../isolates.ts";

const DATABASES = 10;
const ROW_BYTES = 2_000;
/** Rows that each of them grows by between two readings. */
const READ_EVERY = 200;
const READINGS = 8;

export interface Grown {
  /** What was written to each of them so far, in bytes. */
  readonly written: number;
  /** What the process has grown by since the first row, in bytes, with the garbage of all isolates collected. */
  readonly resident: number;
}

/** Has the databases of ten objects grow, of the floor that promises. @returns what the process grew by meanwhile. */
export async function keptByDatabases({ url, worker }: Contender): Promise<Grown[]> {
  const isolates = await isolatesOf(worker, url);
  const objects = Array.from({ length: DATABASES }, () => `/promising/${crypto.randomUUID()}`);
  const row = "x".repeat(ROW_BYTES);

  async function grow(path: string): Promise<void> {
    for (let rows = 0; rows < READ_EVERY; rows += 1) {
      const kept = await fetch(url + path, { method: "POST", body: row });
      if (kept.status !== 204) throw new Error(`The floor did not keep a row: ${kept.status}.`);
    }
  }

  await isolates.collect();
  const before = worker.residentBytes();
  const grown: Grown[] = [];
  for (let reading = 1; reading <= READINGS; reading += 1) {
    await Promise.all(objects.map(grow));
    await isolates.collect();
    const written = reading * READ_EVERY * ROW_BYTES;
    grown.push({ written, resident: worker.residentBytes() - before });
  }
  return grown;
}
