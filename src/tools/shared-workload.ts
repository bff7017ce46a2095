/** The workload that was read last, for the tools of one run: they replay the same window one after another. */
import { cataloguePrices } from "../usage/prices.ts";
import type { Workload } from "../usage/replay/workload.ts";
import { WorkloadBuilder } from "../usage/replay/workload-builder.ts";
import type { Scope, UsageStore } from "../usage/store.ts";
import type { UsageTools } from "./usage-scope.ts";

const KEPT_MS = 60_000;
/** Whoever reads for longer has died over it. */
const MOST_READING_MS = 60_000;
/** How often those who wait look whether it is their turn. */
const LOOK_MS = 25;

interface Kept {
  readonly usage: UsageStore;
  readonly question: string;
  readonly workload: Workload;
  /** When it was read, milliseconds since the Unix epoch. */
  readonly at: number;
}

/** One for all, since an isolate has room for one: a workload of 250,000 calls takes some 50 MB. */
let kept: Kept | null = null;
/** Who reads one just now, and until when that is believed. */
let reading: { readonly until: number } | null = null;

/**
 * Gives the workload of a scope, reading it where it is not the one that was read last, within a
 * minute, from as many records. One is read at a time; who waits for that looks now and then, since a
 * promise of another object's may never settle.
 * @throws the signal's reason when it aborts: then no further page is read. And what the store throws.
 */
export async function sharedWorkload(
  tools: UsageTools,
  scope: Scope,
  records: number,
  signal: AbortSignal,
): Promise<Workload> {
  const { usage, clock } = tools;
  const question = JSON.stringify([scope, records]);
  while (reading !== null && clock.now() < reading.until) await clock.sleep(LOOK_MS, signal);
  const isSame = kept?.usage === usage && kept.question === question;
  if (kept && isSame && clock.now() - kept.at < KEPT_MS) return kept.workload;
  const turn = { until: clock.now() + MOST_READING_MS };
  reading = turn;
  kept = null;
  try {
    const workload = await readWorkload(tools, scope, signal);
    const read: Kept = { usage, question, workload, at: clock.now() };
    kept = read;
    // Frees its room, where the timer fires.
    const forget = () => {
      if (kept === read) kept = null;
    };
    clock.sleep(KEPT_MS).then(forget, forget);
    return workload;
  } finally {
    if (reading === turn) reading = null;
  }
}

/** Gives way before a page is folded and after: each of both takes some time. */
async function readWorkload(
  { usage, prices, clock }: UsageTools,
  scope: Scope,
  signal: AbortSignal,
): Promise<Workload> {
  const lookup = (await prices?.(scope.workspaceId)) ?? cataloguePrices;
  const builder = new WorkloadBuilder(lookup);
  for await (const page of usage.scan(scope, signal)) {
    await clock.sleep(0, signal);
    builder.add(page);
    await clock.sleep(0, signal);
  }
  return builder.build();
}
