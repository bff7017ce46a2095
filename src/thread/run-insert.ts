/** How runs come into a thread's SQLite, and change there. */
import type { AcceptedRun, RunColumns, RunStart } from "./run-row.ts";

/** @returns the row of an accepted message. @param start where its run begins in the same commit. */
export function columnsOf(run: AcceptedRun, start: RunStart | null): RunColumns {
  return {
    ...run,
    tool_scopes: run.tool_scopes && JSON.stringify(run.tool_scopes),
    origin: run.origin && JSON.stringify(run.origin),
    status: start === null ? "queued" : "running",
    started_seq: start?.seq ?? null,
    started_at: start?.at ?? null,
    claimed_at: start?.at ?? null,
    code_version: start?.codeVersion ?? null,
  };
}

/** Stores a run. */
export function insertRun(sql: SqlStorage, columns: RunColumns): void {
  const names = Object.keys(columns);
  sql.exec(
    `INSERT INTO runs (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    ...Object.values(columns),
  );
}

/** Changes columns of the run whose message was accepted at a seq. */
export function updateRun(sql: SqlStorage, acceptedSeq: number, changed: RunColumns): void {
  sql.exec(
    `UPDATE runs SET ${Object.keys(changed)
      .map((name) => `${name} = ?`)
      .join(", ")} WHERE accepted_seq = ?`,
    ...Object.values(changed),
    acceptedSeq,
  );
}
