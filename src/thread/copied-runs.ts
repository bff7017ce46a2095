/** Runs told of whole: from one thread to another, read in ranges and stored where they come to; or to the history once more. */
import * as z from "zod";
import type { ThreadId } from "../protocol/ids.ts";
import { type CopiedRun, type RunRow, runRowOf } from "./run-row.ts";

const Size = z.object({ total: z.number(), length: z.number() });
type Size = z.infer<typeof Size>;
const Range = z.object({ first: z.number(), last: z.number(), runs: z.number() });

export class CopiedRuns {
  readonly #sql: SqlStorage;
  readonly #row: ReturnType<typeof runRowOf>;

  constructor(sql: SqlStorage, threadId: ThreadId) {
    this.#sql = sql;
    this.#row = runRowOf(threadId);
  }

  /** @returns how many runs up to a seq still count, and how much was said in them, in characters. */
  size(until: number): Size {
    const rows = this.#sql.exec(
      `SELECT count(*) AS total, sum(length(content) + length(coalesce(answer, ''))) AS length
       FROM runs WHERE accepted_seq <= ? AND superseded_by IS NULL`,
      until,
    );
    return Size.parse(rows.one());
  }

  /** @returns up to so many runs that still count, after one seq and up to another, oldest first. */
  *standing(after: number, until: number, limit: number): Generator<RunRow> {
    const rows = this.#sql.exec(
      `SELECT * FROM runs WHERE accepted_seq > ? AND accepted_seq <= ? AND superseded_by IS NULL
       ORDER BY accepted_seq LIMIT ?`,
      after,
      until,
      limit,
    );
    for (const row of rows) yield this.#row.parse(row);
  }

  /** Stores the end of a run of another thread under a seq, with the next one for its answer. */
  insert(run: CopiedRun, ids: Pick<RunRow, "accepted_seq" | "message_id" | "answer_id">): void {
    this.#sql.exec(
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

  /** @returns the runs that have ended, oldest first, in ranges of so many: their bounds, and how many they are. */
  endedInRanges(size: number): { first: number; last: number; runs: number }[] {
    const rows = this.#sql.exec(
      `SELECT min(accepted_seq) AS first, max(accepted_seq) AS last, count(*) AS runs FROM (
         SELECT accepted_seq, row_number() OVER (ORDER BY accepted_seq) - 1 AS place
         FROM runs WHERE ended_at IS NOT NULL)
       GROUP BY place / ?1 ORDER BY first`,
      size,
    );
    return rows.toArray().map((row) => Range.parse(row));
  }

  /** @returns the runs stored from one seq to another, both included, oldest first. */
  stored(first: number, last: number): readonly RunRow[] {
    const query = "SELECT * FROM runs WHERE accepted_seq BETWEEN ? AND ? ORDER BY accepted_seq";
    return this.#sql
      .exec(query, first, last)
      .toArray()
      .map((row) => this.#row.parse(row));
  }
}
