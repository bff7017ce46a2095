/**
 * Claims a run for this process before its loop starts. The object may have died while the run was under way:
 * the claim makes sure that only one process goes on with it, and counts how often that has happened.
 */
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
 * Claims a run; aborts it at once if it was cancelled meanwhile, or has died too often at the same step.
 * @param isBegun whether this process started it itself, when it accepted the message: then no claim is needed.
 * @returns the run as claimed, and whether an earlier process was cut off in the middle of it.
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
  // While it waited for an approval no process was running it, so none was cut off.
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
