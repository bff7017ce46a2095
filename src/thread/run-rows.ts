/** The runs of a thread in its SQLite: queue, checkpoints and conversation in one place. */
import * as z from "zod";
import { Step } from "../core/checkpoint.ts";
import type { ModelMessage } from "../core/model.ts";
import { transition } from "../core/run-machine.ts";
import { type FinalStatus, RunStatus, RunUsage } from "../protocol/entities.ts";
import { Problem } from "../protocol/errors.ts";
import { ClientMessageId, MessageId, RunId } from "../protocol/ids.ts";

const json = z.string().transform((text): unknown => JSON.parse(text));

/** A run as it is stored; times are milliseconds since the Unix epoch. */
export const RunRow = z.object({
  accepted_seq: z.number(),
  run_id: RunId,
  client_message_id: ClientMessageId.nullable(),
  message_id: MessageId,
  answer_id: MessageId,
  content: z.string(),
  agent: z.string(),
  model: z.string(),
  status: RunStatus,
  accepted_at: z.number(),
  started_seq: z.number().nullable(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  answer: z.string().nullable(),
  usage: json.pipe(RunUsage).nullable(),
  problem: json.pipe(Problem).nullable(),
  cancelled: z.number().transform(Boolean),
  attempt: z.number(),
  deaths: z.number(),
  ended_seq: z.number().nullable(),
});
export type RunRow = z.infer<typeof RunRow>;

/** What a message that is accepted brings along. */
export type AcceptedRun = Pick<
  RunRow,
  | "accepted_seq"
  | "run_id"
  | "client_message_id"
  | "message_id"
  | "answer_id"
  | "content"
  | "agent"
  | "model"
  | "accepted_at"
>;

/** How a run ended. */
export interface RunEnd {
  /** The seq of its last event. */
  readonly endedSeq: number;
  readonly status: FinalStatus;
  readonly endedAt: number;
  readonly answer: string;
  readonly usage: RunUsage;
  readonly problem: Problem | null;
}

const StepRow = z.object({ step: json.pipe(Step) });
const TextRow = z.object({ text: z.string() });
const IdRow = z.object({ run_id: RunId });
const Exchange = z.object({ content: z.string(), answer: z.string() });

/** The conversation a model is given: so many exchanges, and so many characters of them. */
const MAX_EXCHANGES = 20;
const MAX_CONVERSATION_LENGTH = 60_000;

export class RunRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  insert(run: AcceptedRun): void {
    this.#sql.exec(
      `INSERT INTO runs (accepted_seq, run_id, client_message_id, message_id, answer_id, content,
                         agent, model, status, accepted_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)`,
      run.accepted_seq,
      run.run_id,
      run.client_message_id,
      run.message_id,
      run.answer_id,
      run.content,
      run.agent,
      run.model,
      run.accepted_at,
    );
  }

  get(runId: RunId): RunRow | null {
    return this.#row("SELECT * FROM runs WHERE run_id = ?", runId);
  }

  byClientMessageId(id: ClientMessageId): RunRow | null {
    return this.#row("SELECT * FROM runs WHERE client_message_id = ?", id);
  }

  /** @returns the run whose turn it is: the oldest that has not ended. */
  next(): RunRow | null {
    return this.#row(
      "SELECT * FROM runs WHERE status IN ('queued', 'running') ORDER BY accepted_seq LIMIT 1",
    );
  }

  /** @returns the runs that are running or queued, in order. */
  waiting(): RunId[] {
    const rows = this.#sql.exec(
      "SELECT run_id FROM runs WHERE status IN ('queued', 'running') ORDER BY accepted_seq",
    );
    return rows.toArray().map((row) => IdRow.parse(row).run_id);
  }

  /**
   * Takes a run up: a new attempt, which fences off every earlier one. An attempt on a run that
   * had begun means that the last one died.
   * @returns the attempt's number.
   */
  claim(run: RunRow): number {
    this.#sql.exec(
      `UPDATE runs SET attempt = attempt + 1, deaths = deaths + (started_at IS NOT NULL)
       WHERE run_id = ?`,
      run.run_id,
    );
    return run.attempt + 1;
  }

  /** @returns the run, where this attempt still holds it and it has not ended. */
  held(runId: RunId, attempt: number): RunRow | null {
    const row = this.get(runId);
    return row !== null && row.attempt === attempt && row.ended_at === null ? row : null;
  }

  start(run: RunRow, startedSeq: number, startedAt: number): void {
    this.#sql.exec(
      "UPDATE runs SET status = ?, started_seq = ?, started_at = ? WHERE run_id = ?",
      transition(run.status, "start"),
      startedSeq,
      startedAt,
      run.run_id,
    );
  }

  /** Remembers that the user wants the run to end, so that a death in between can't forget it. */
  requestCancel(runId: RunId): void {
    this.#sql.exec("UPDATE runs SET cancelled = 1 WHERE run_id = ?", runId);
  }

  finish(run: RunRow, end: RunEnd): void {
    const event = { completed: "complete", failed: "fail", cancelled: "cancel" } as const;
    this.#sql.exec(
      `UPDATE runs SET status = ?, ended_seq = ?, ended_at = ?, answer = ?, usage = ?, problem = ?
       WHERE run_id = ?`,
      transition(run.status, event[end.status]),
      end.endedSeq,
      end.endedAt,
      end.answer,
      JSON.stringify(end.usage),
      end.problem && JSON.stringify(end.problem),
      run.run_id,
    );
    this.#sql.exec("DELETE FROM steps WHERE run_id = ?", run.run_id);
    this.#dropDraft(run.run_id);
  }

  steps(runId: RunId): Step[] {
    const rows = this.#sql.exec("SELECT step FROM steps WHERE run_id = ? ORDER BY number", runId);
    return rows.toArray().map((row) => StepRow.parse(row).step);
  }

  /** Adds a checkpoint: the run got further, so its deaths are counted anew. */
  addStep(run: RunRow, number: number, step: Step): void {
    const text = JSON.stringify(step);
    this.#sql.exec("INSERT INTO steps VALUES (?, ?, ?)", run.run_id, number, text);
    if (step.kind === "model") this.#dropDraft(run.run_id);
    if (run.deaths > 0) this.#sql.exec("UPDATE runs SET deaths = 0 WHERE run_id = ?", run.run_id);
  }

  /** Keeps what the turn under way wrote so far, in place of what was kept before. */
  saveDraft(runId: RunId, text: string): void {
    this.#sql.exec(
      "INSERT INTO drafts VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
      runId,
      text,
    );
  }

  draft(runId: RunId): string {
    const row = this.#sql.exec("SELECT text FROM drafts WHERE run_id = ?", runId).toArray()[0];
    return TextRow.optional().parse(row)?.text ?? "";
  }

  /** @returns what was said before a run, oldest first, as much as a model should read. */
  conversationBefore(run: RunRow): readonly ModelMessage[] {
    const rows = this.#sql.exec(
      `SELECT content, answer FROM runs WHERE accepted_seq < ? AND answer IS NOT NULL
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

  #dropDraft(runId: RunId): void {
    this.#sql.exec("DELETE FROM drafts WHERE run_id = ?", runId);
  }

  #row(query: string, ...bindings: string[]): RunRow | null {
    const row = this.#sql.exec(query, ...bindings).toArray()[0];
    return row === undefined ? null : RunRow.parse(row);
  }
}
