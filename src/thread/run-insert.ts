/** How runs come into a thread's SQLite: accepted from its user, or copied from another thread. */
import type { AcceptedRun, CopiedRun, RunRow, RunStart } from "./run-row.ts";

/** Stores an accepted message with its run. @returns the row as it is stored. */
export function insertRun(sql: SqlStorage, run: AcceptedRun, start: RunStart | null) {
  const stored = sql.exec(
    `INSERT INTO runs (accepted_seq, client_message_id, message_id, answer_id, content, agent, model,
                       accepted_at, tool_scopes, workspace_id, max_cost_usd, connected_tools, caller, origin,
                       status, started_seq, started_at, claimed_at, code_version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
    run.accepted_seq,
    run.client_message_id,
    run.message_id,
    run.answer_id,
    run.content,
    run.agent,
    run.model,
    run.accepted_at,
    run.tool_scopes && JSON.stringify(run.tool_scopes),
    run.workspace_id,
    run.max_cost_usd,
    run.connected_tools,
    run.caller,
    run.origin && JSON.stringify(run.origin),
    start === null ? "queued" : "running",
    start?.seq ?? null,
    start?.at ?? null,
    start?.at ?? null,
    start?.codeVersion ?? null,
  );
  return stored.one();
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
