/** How a life begins: the run is held for it, whatever became of the lives before. */
import { recover } from "../core/recovery.ts";
import { RunCancelled } from "../core/run-work.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import type { ThreadJournal } from "./thread-journal.ts";

interface TakeUpParts {
  readonly journal: Pick<ThreadJournal, "progressAt">;
  readonly runs: Pick<RunRows, "claim">;
  readonly ports: Pick<Ports, "clock" | "codeVersion">;
}

/**
 * Holds a run for this life, and ends it at once where its user, or its deaths, say so.
 * @param isBegun whether this object began it, in the commit that accepted its message.
 * @returns the run as it is held, and whether an earlier life of it was cut off.
 */
export function takeUp(
  { row, controller }: { readonly row: RunRow; readonly controller: AbortController },
  isBegun: boolean,
  { journal, ports, runs }: TakeUpParts,
): { readonly row: RunRow; readonly resumed: boolean } {
  if (row.cancelled) controller.abort(new RunCancelled());
  if (row.started_at === null || isBegun) return { row, resumed: false };
  const { codeVersion } = ports;
  const at = ports.clock.now();
  // Nobody held it while it waited: no life was cut off.
  if (row.parked_until !== null) {
    return { row: runs.claim(row, { at, codeVersion, deaths: 0 }), resumed: false };
  }
  const life = {
    claimedAt: row.claimed_at ?? row.accepted_at,
    codeVersion: row.code_version ?? codeVersion,
    progressAt: journal.progressAt(row.accepted_seq) ?? row.accepted_at,
    deaths: row.deaths,
  };
  const { deaths, givenUp } = recover(life, at, codeVersion);
  if (givenUp !== null) controller.abort(givenUp);
  return { row: runs.claim(row, { at, codeVersion, deaths }), resumed: true };
}
