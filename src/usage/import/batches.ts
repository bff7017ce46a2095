/** Entries in batches, each one transaction of a store; and what all of them come to. */
import type { IntakeCounts, RefusedRows } from "../../protocol/usage.ts";
import type { UsageRecord } from "../record.ts";
import { rowReason } from "../row-reasons.ts";
import type { Entry, Refusal } from "./read-usage.ts";

/** Rows of a file in one transaction. */
export const BATCH_ROWS = 2_000;

export interface Batch {
  readonly rows: number;
  readonly records: readonly UsageRecord[];
  readonly refusals: readonly Refusal[];
  readonly duplicates: number;
  readonly ignored: number;
  /** The chain of the file's rows up to the end of this batch. */
  readonly chain: number;
}

/** @returns the entries, so many at a time; always cut at the same places of the same file. */
export async function* batchesOf(
  entries: AsyncIterable<Entry>,
  size = BATCH_ROWS,
): AsyncGenerator<Batch> {
  let pending: Entry[] = [];
  for await (const entry of entries) {
    pending.push(entry);
    if (pending.length < size) continue;
    yield batchOf(pending);
    pending = [];
  }
  if (pending.length > 0) yield batchOf(pending);
}

function batchOf(entries: readonly Entry[]): Batch {
  const of = (kind: Entry["kind"]) => entries.filter((entry) => entry.kind === kind).length;
  return {
    rows: entries.length,
    records: entries.flatMap((entry) => (entry.kind === "record" ? [entry.record] : [])),
    refusals: entries.flatMap((entry) => (entry.kind === "refused" ? [entry.refusal] : [])),
    duplicates: of("duplicate"),
    ignored: of("ignored"),
    chain: entries.at(-1)?.chain ?? 0,
  };
}

export const NOTHING_TAKEN: IntakeCounts = {
  rows: 0,
  stored: 0,
  known: 0,
  duplicates: 0,
  ignored: 0,
  quarantined: 0,
};

/** @returns the counts after a batch of whose records so many were new. */
export function addBatch(counts: IntakeCounts, batch: Batch, stored: number): IntakeCounts {
  return {
    rows: counts.rows + batch.rows,
    stored: counts.stored + stored,
    known: counts.known + batch.records.length - stored,
    duplicates: counts.duplicates + batch.duplicates,
    ignored: counts.ignored + batch.ignored,
    quarantined: counts.quarantined + batch.refusals.length,
  };
}

/** The most reasons that are told, and the most lines of each. */
const MAX_REASONS = 20;
const MAX_LINES = 10;
const OTHERS = rowReason("other_reasons");

/** Gathers why rows were set aside, without growing with their number. */
export class Reasons {
  readonly #known = new Map<string, RefusedRows>();
  #others = 0;

  add(refusals: readonly Pick<Refusal, "reason" | "faults" | "line">[]): void {
    for (const { reason, faults, line } of refusals) {
      // Alike but for their figures: one reason.
      const alike = reason.replaceAll(/\d+(\.\d+)?/g, "…");
      const known = this.#known.get(alike);
      if (known === undefined && this.#known.size >= MAX_REASONS) {
        this.#others += 1;
        continue;
      }
      const { rows, lines } = known ?? { rows: 0, lines: [] };
      this.#known.set(alike, {
        reason: known?.reason ?? reason,
        faults: known?.faults ?? [...faults],
        rows: rows + 1,
        lines: lines.length < MAX_LINES ? [...lines, line] : lines,
      });
    }
  }

  /** @returns the commonest first. */
  list(): RefusedRows[] {
    const told = [...this.#known.values()];
    told.sort((a, b) => b.rows - a.rows);
    if (this.#others === 0) return told;
    const { sentence, faults } = OTHERS;
    return [...told, { reason: sentence, faults: [...faults], rows: this.#others, lines: [] }];
  }
}
