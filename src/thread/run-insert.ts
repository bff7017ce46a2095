/** How runs come into a thread's SQLite: accepted from its user, or copied from another thread. */
import type { AcceptedRun, CopiedRun, RunColumns, RunRow, RunStart } from "./run-row.ts";

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

/** Stores the end of a run of another thread under a seq, with the next one for its answer. */
export function insertCopiedRun(
  sql: SqlStorage,
  run: CopiedRun,
  ids: Pick<RunRow, "accepted_seq" | "message_id" | "answer_id">,
): void {
  sql.exec(
    `INSERT INTO runs (accepted_seq, message_id, answer_id, content, agent, model, status,
                       accepted_at, started_seq, started_at, ended_seq, ended_at, answer, problem, facts, report)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?1 + 1, ?9, ?1 + 1, ?10, ?11, ?12, ?13, ?14)`,
    ids.accepted_seq,
    ids.message_id,
    ids.answer_id,
    run.content,
    run.agent,
    run.model,
    run.status,
    run.accepted_at,
    run.started_at,
    run.ended_at,
    run.answer,
    run.problem && JSON.stringify(run.problem),
    run.facts,
    run.report,
  );
}
