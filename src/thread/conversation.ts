/** What was said in a thread, read from its runs: to a model that goes on, and to people while D1 is away. */
import * as z from "zod";
import type { ModelMessage } from "../core/model.ts";
import type { Message } from "../protocol/entities.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { MAX_QUEUED_RUNS } from "../protocol/limits.ts";
import { answerOf, questionOf } from "./messages.ts";
import { type RunRow, runRowOf } from "./run-row.ts";

/** The conversation a model is given: so many exchanges, and so many characters of them. */
const MAX_EXCHANGES = 20;
const MAX_CONVERSATION_LENGTH = 60_000;

const Exchange = z.object({ content: z.string(), answer: z.string() });

/** Which messages a reader asks for: `after` a seq in the order asked, null for the beginning. */
export interface MessageRange {
  readonly after: number | null;
  readonly limit: number;
  readonly order: "asc" | "desc";
  readonly superseded: "exclude" | "include";
}

export class Conversation {
  readonly #sql: SqlStorage;
  readonly #threadId: ThreadId;

  constructor(sql: SqlStorage, threadId: ThreadId) {
    this.#sql = sql;
    this.#threadId = threadId;
  }

  /** @returns what was said before a run and still counts, oldest first, as much as a model should read. */
  before(run: RunRow): readonly ModelMessage[] {
    const rows = this.#sql.exec(
      `SELECT content, answer FROM runs
       WHERE accepted_seq < ? AND answer IS NOT NULL AND superseded_by IS NULL
       ORDER BY accepted_seq DESC LIMIT ?`,
      run.accepted_seq,
      MAX_EXCHANGES,
    );
    const messages: ModelMessage[] = [];
    let length = 0;
    for (const { content, answer } of rows.toArray().map((row) => Exchange.parse(row))) {
      length += content.length + answer.length;
      if (length > MAX_CONVERSATION_LENGTH) break;
      if (answer !== "") messages.unshift({ role: "assistant", content: answer, toolCalls: [] });
      messages.unshift({ role: "user", content });
    }
    return messages;
  }

  /** @returns up to so many messages, in the order asked; one more than the limit where there is more. */
  messages({ after, limit, order, superseded }: MessageRange): Message[] {
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
    return runs
      .toArray()
      .map((run) => row.parse(run))
      .flatMap((run) => [questionOf(run, this.#threadId), answerOf(run, this.#threadId) ?? []])
      .flat()
      .filter(({ seq }) => (seq - start) * forwards > 0)
      .sort((a, b) => (a.seq - b.seq) * forwards)
      .slice(0, limit + 1);
  }
}
