/**
 * Writes what Thread objects deliver to the history in D1. Rows may arrive late, twice or in the wrong order: each has
 * a version, and the newest one wins.
 */
import { getTableColumns, getTableName } from "drizzle-orm";
import * as z from "zod";
import { Message, Run } from "../protocol/entities.ts";
import { MessageId, RunId, Seq, ThreadId, type UserId } from "../protocol/ids.ts";
import { Report } from "../protocol/report.ts";
import type { HistoryDatabase } from "./database.ts";
import { messages, runReports, runs } from "./history-tables.ts";
import { saveBatch } from "./save-batch.ts";

/** How large the JSON of one statement may be, in UTF-8 bytes: half of D1's limit. */
const MAX_JSON_BYTES = 1_000_000;

const version = Seq.describe("The seq of the event that last changed the row");

/** What an outbox delivers: a complete row as of its version, or a change to a thread. */
export const HistoryRow = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), version, message: Message }),
  z.object({
    kind: z.literal("run"),
    version,
    run: Run.omit({ final_response: true }),
    calls: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .describe("Usage records of its calls of a model, once it has ended"),
  }),
  z.object({
    kind: z.literal("report"),
    version,
    report: z.object({ id: RunId.describe("Of the run"), thread_id: ThreadId, report: Report }),
  }),
  z.object({
    kind: z.literal("thread"),
    version,
    thread_id: ThreadId,
    title: z.string().describe("Taken where the thread has none"),
  }),
  z.object({
    kind: z.literal("supersession"),
    version,
    thread_id: ThreadId,
    message_id: MessageId.describe("The message since which the others no longer count"),
    from_seq: Seq.describe("Of the first message that no longer counts"),
    before_seq: Seq.describe("Of the message that takes its place"),
  }),
]);
export type HistoryRow = z.infer<typeof HistoryRow>;

/** Makes the statements that write usage records into the main database. Given from outside: `src/usage` knows how. */
export type UsageWriter = (rows: readonly unknown[]) => Promise<D1PreparedStatement[]>;

/** One user's history in D1, as the user's Thread objects write it. */
export class History {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;
  readonly #writeUsage: UsageWriter;

  /** @param writeUsage without it, the usage records of runs are not written. */
  constructor(db: HistoryDatabase, userId: UserId, writeUsage: UsageWriter = async () => []) {
    this.#db = db;
    this.#userId = userId;
    this.#writeUsage = writeUsage;
  }

  /**
   * Saves rows in one transaction. (If the history has a database of its own, usage records go to the main one
   * before.) May be repeated, in any order. Rows of a thread that is deleted or another user's are ignored.
   * @throws {ApexError} `unavailable` if D1 does not answer; the rows may be saved or not.
   * @throws {RowsRefused} if D1 will never accept them, as they break a constraint; none of them is saved.
   */
  async save(rows: readonly HistoryRow[]): Promise<void> {
    const user_id = this.#userId;
    const messageRows = rows.flatMap((row) =>
      row.kind === "message" ? [{ ...row.message, user_id, version: row.version }] : [],
    );
    const runRows = rows.flatMap((row) =>
      row.kind === "run" ? [{ ...row.run, user_id, version: row.version }] : [],
    );
    const reportRows = rows.flatMap((row) =>
      row.kind === "report" ? [{ ...row.report, user_id, version: row.version }] : [],
    );
    const supersessions = rows.filter((row) => row.kind === "supersession");
    const titles = rows.filter((row) => row.kind === "thread");
    // Uses D1 directly: drizzle cannot batch hand-written SQL with parameters.
    const { $client: d1, accounts } = this.#db;
    const write = (statement: string, arrays: readonly string[]) =>
      arrays.map((json) => d1.prepare(statement).bind(json, user_id));
    const calls = rows.flatMap((row) => (row.kind === "run" ? (row.calls ?? []) : []));
    const usage = calls.length > 0 ? await this.#writeUsage(calls) : [];
    if (accounts) await saveBatch(accounts.$client, usage);
    await saveBatch(d1, [
      ...(accounts ? [] : usage),
      ...write(upsert(messages), jsonArrays(newest(messageRows))),
      ...write(upsert(runs), jsonArrays(newest(runRows))),
      ...write(upsert(runReports), jsonArrays(newest(reportRows))),
      ...write(SUPERSEDE, jsonArrays(supersessions)),
      ...write(NAME, jsonArrays(titles)),
    ]);
  }
}

/**
 * @returns the statement that writes rows, given as one JSON array (?1) because D1 binds at most
 * 100 values, where their threads are this user's (?2).
 */
function upsert(table: typeof messages | typeof runs | typeof runReports): string {
  const name = getTableName(table);
  const columns = Object.keys(getTableColumns(table));
  const list = (write: (column: string) => string) => columns.map(write).join(", ");
  return `
    INSERT INTO ${name} (${list((column) => column)})
    SELECT ${list((column) => `value ->> '${column}'`)} FROM json_each(?1)
    WHERE EXISTS (SELECT 1 FROM threads WHERE id = value ->> 'thread_id' AND user_id = ?2)
    ON CONFLICT DO UPDATE SET ${list((column) => `${column} = excluded.${column}`)}
    WHERE excluded.version >= ${name}.version`;
}

/**
 * Marks the messages of this user (?2) whose questions were asked within a range of seqs (?1). Their
 * runs' ids say when that was: the question itself may not be here, if it was refused.
 */
const SUPERSEDE = `
  UPDATE messages SET superseded_by = range.value ->> 'message_id'
  FROM json_each(?1) AS range
  WHERE messages.user_id = ?2 AND messages.superseded_by IS NULL
    AND messages.thread_id = range.value ->> 'thread_id'
    AND messages.seq >= range.value ->> 'from_seq'
    AND CAST(substr(messages.run_id, length(messages.thread_id) + 2) AS INTEGER)
      BETWEEN range.value ->> 'from_seq' AND (range.value ->> 'before_seq') - 1`;

/** Gives these threads (?1) of this user (?2) their title, unless they have one. */
const NAME = `
  UPDATE threads SET title = (
    SELECT value ->> 'title' FROM json_each(?1) WHERE value ->> 'thread_id' = threads.id
    ORDER BY value ->> 'version' LIMIT 1
  )
  WHERE user_id = ?2 AND title IS NULL
    AND id IN (SELECT value ->> 'thread_id' FROM json_each(?1))`;

/** @returns the newest version of each row: D1 bills every row written, so older ones are not worth writing. */
function newest<Row extends { readonly id: string; readonly version: number }>(
  rows: readonly Row[],
): Row[] {
  const byId = new Map<string, Row>();
  for (const row of rows) {
    const known = byId.get(row.id);
    if (known === undefined || known.version <= row.version) byId.set(row.id, row);
  }
  return [...byId.values()];
}

/** @returns the rows as JSON arrays within the size limit; a row that exceeds it by itself gets its own array. */
function jsonArrays(rows: readonly object[]): string[] {
  const arrays: string[][] = [];
  let room = 0;
  for (const row of rows) {
    const json = JSON.stringify(row);
    const bytes = Buffer.byteLength(json) + 1;
    if (bytes > room) {
      arrays.push([]);
      room = MAX_JSON_BYTES;
    }
    arrays.at(-1)?.push(json);
    room -= bytes;
  }
  return arrays.map((array) => `[${array.join(",")}]`);
}
