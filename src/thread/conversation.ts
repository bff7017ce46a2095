/** Reads the conversation from the thread's runs: for the model that continues it, and for people while D1 is unreachable. */
import * as z from "zod";
import { Fact } from "../core/grounding/facts.ts";
import { countedOnce, type Exchange, type SizeOf } from "../core/memory.ts";
import type { Message } from "../protocol/entities.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { MAX_QUEUED_RUNS } from "../protocol/limits.ts";
import { answerOf, questionOf } from "./messages.ts";
import { type RunRow, runRowOf } from "./run-row.ts";

/** How many of the newest exchanges are read to tell a model of the earlier conversation. */
const MAX_EXCHANGES = 200;

const ExchangeRow = z
  .object({
    accepted_seq: z.number(),
    content: z.string(),
    answer: z.string(),
    facts: z.string().nullable(),
    summary: z.string().nullable(),
  })
  .transform(({ accepted_seq, content, answer, facts, summary }): Exchange => {
    const found = Facts.parse(JSON.parse(facts ?? "[]"));
    return { seq: accepted_seq, question: content, answer, facts: found, summary };
  });
const Facts = z.array(Fact);

/** Which messages to read: those `after` a seq, in the given order; null for the beginning. */
export interface MessageRange {
  readonly after: number | null;
  readonly limit: number;
  readonly order: "asc" | "desc";
  readonly superseded: "exclude" | "include";
}

export class Conversation {
  /** Gives the sizes of its exchanges, in tokens. */
  readonly sizeOf: SizeOf = countedOnce();
  readonly #sql: SqlStorage;
  readonly #threadId: ThreadId;

  constructor(sql: SqlStorage, threadId: ThreadId) {
    this.#sql = sql;
    this.#threadId = threadId;
  }

  /** @returns the newest exchanges before a seq that were not replaced, oldest first. */
  exchanges(beforeSeq: number): Exchange[] {
    const rows = this.#sql.exec(
      `SELECT accepted_seq, content, answer, facts, summary FROM runs
       WHERE accepted_seq < ? AND answer IS NOT NULL AND superseded_by IS NULL
       ORDER BY accepted_seq DESC LIMIT ?`,
      beforeSeq,
      MAX_EXCHANGES,
    );
    return rows
      .toArray()
      .map((row) => ExchangeRow.parse(row))
      .reverse();
  }

  /** Stores a model's summary of everything up to an exchange. */
  summarize(seq: number, summary: string): void {
    this.#sql.exec("UPDATE runs SET summary = ? WHERE accepted_seq = ?", summary, seq);
  }

  /**
   * @param unwritten the newest run, if it has no row yet (see {@link RunRows}).
   * @returns the messages of a range, and one more than its limit if there are more.
   */
  messages(
    { after, limit, order, superseded }: MessageRange,
    unwritten: RunRow | null = null,
  ): Message[] {
    const [beyond, direction] = order === "asc" ? [">", "ASC"] : ["<", "DESC"];
    const start = after ?? (order === "asc" ? 0 : Number.MAX_SAFE_INTEGER);
    // Answers come later than the questions that were asked meanwhile: as many as may wait at once.
    const runs = this.#sql.exec(
      `SELECT * FROM runs
       WHERE (accepted_seq ${beyond} ? OR started_seq ${beyond} ?) ${superseded === "include" ? "" : "AND superseded_by IS NULL"}
       ORDER BY accepted_seq ${direction} LIMIT ?`,
      start,
      start,
      limit + 2 * MAX_QUEUED_RUNS + 1,
    );
    const row = runRowOf(this.#threadId);
    const forwards = order === "asc" ? 1 : -1;
    return [...runs.toArray().map((run) => row.parse(run)), ...(unwritten ? [unwritten] : [])]
      .flatMap((run) => [questionOf(run, this.#threadId), answerOf(run, this.#threadId) ?? []])
      .flat()
      .filter(({ seq }) => (seq - start) * forwards > 0)
      .sort((a, b) => (a.seq - b.seq) * forwards)
      .slice(0, limit + 1);
  }
}
