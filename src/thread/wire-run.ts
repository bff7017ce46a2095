/** What the wire shows of a stored run. */
import { timestamp } from "../core/clock.ts";
import type { CancelReceipt } from "../protocol/api.ts";
import { Run } from "../protocol/entities.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { Report } from "../protocol/report.ts";
import type { RunRow } from "./run-row.ts";

/** @returns the run as the wire shows it. */
export function toRun(row: RunRow, threadId: ThreadId): Run {
  return Run.parse({
    id: row.run_id,
    thread_id: threadId,
    message_id: row.message_id,
    answer_id: row.answer_id,
    status: row.status,
    agent: row.agent,
    model: row.model,
    final_response: row.answer,
    usage: row.usage,
    problem: row.problem,
    created_at: timestamp(row.accepted_at),
    started_at: row.started_at === null ? null : timestamp(row.started_at),
    completed_at: row.ended_at === null ? null : timestamp(row.ended_at),
  });
}

/** @returns the report the run made, or null where it made none. */
export function toReport({ report }: RunRow): Report | null {
  return report === null ? null : Report.parse(JSON.parse(report));
}

/** @returns the answer to a cancel: the run as it stands, and where its events end. */
export function toReceipt(row: RunRow, threadId: ThreadId): CancelReceipt {
  return { ...toRun(row, threadId), last_seq: row.ended_seq };
}
