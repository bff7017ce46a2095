/** The run that began with its message: it has no row of its own at first, and that commit says all of it. */
import type { ThreadId } from "../protocol/ids.ts";
import { type RunColumns, type RunRow, runRowOf, UNSAID_COLUMNS } from "./run-row.ts";

/** A run, and its columns as the commit keeps them. */
export interface Begun {
  readonly columns: RunColumns;
  readonly row: RunRow;
}

/** Once there is a row, it counts: so nothing is to be undone here where a transaction is. */
export class BegunRun {
  readonly #sql: SqlStorage;
  readonly #row: ReturnType<typeof runRowOf>;
  #last: Begun | null = null;

  constructor(sql: SqlStorage, threadId: ThreadId) {
    this.#sql = sql;
    this.#row = runRowOf(threadId);
  }

  /** The last that began so, whether it has a row by now or not. */
  get last(): RunRow | null {
    return this.#last?.row ?? null;
  }

  /** The same, where it has none; else null. */
  get unwritten(): Begun | null {
    const last = this.#last;
    if (last === null) return null;
    const query = "SELECT 1 FROM runs WHERE accepted_seq = ?";
    return this.#sql.exec(query, last.row.accepted_seq).toArray().length > 0 ? null : last;
  }

  compose(columns: RunColumns): Begun {
    return { columns, row: this.#row.parse({ ...UNSAID_COLUMNS, ...columns }) };
  }

  /** Takes over a run that a commit has begun. */
  hold(columns: RunColumns): void {
    this.#last = this.compose(columns);
  }
}
