/** The workload that was read last, for the tools of one run: they replay the same window one after another. */
import type { Workload } from "../usage/replay/workload.ts";
import type { Scope, UsageStore } from "../usage/store.ts";
import type { UsageTools } from "./usage-scope.ts";

const KEPT_MS = 60_000;

interface Kept {
  /** Whose records: a store is one thread's, and no other thread may wait for its work. */
  readonly usage: UsageStore;
  readonly question: string;
  readonly workload: Promise<Workload>;
}

/** One for all, since an isolate has room for one: a workload of 250,000 calls takes some 50 MB. */
let kept: Kept | null = null;

/**
 * Gives the workload of a scope, reading it where it is not the one that was read last, within a
 * minute, from as many records.
 * @throws what `read` throws; then nothing is kept.
 */
export async function sharedWorkload(
  { usage, clock }: Pick<UsageTools, "usage" | "clock">,
  scope: Scope,
  records: number,
  read: () => Promise<Workload>,
): Promise<Workload> {
  const question = JSON.stringify([scope, records]);
  if (kept?.usage === usage && kept.question === question) return kept.workload;
  const reading: Kept = { usage, question, workload: read() };
  kept = reading;
  const forget = () => {
    if (kept === reading) kept = null;
  };
  reading.workload.then(() => clock.sleep(KEPT_MS)).then(forget, forget);
  return reading.workload;
}
