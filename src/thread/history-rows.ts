/** What the history is told of a commit: of a message when it is accepted, of its run when it has ended. */

import type { Commit } from "../durable/journal.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { HistoryRow } from "../store/history.ts";
import type { UsageRecord } from "../usage/record.ts";
import { answerOf, questionOf } from "./messages.ts";
import type { RunRow } from "./run-row.ts";
import type { CommitNote } from "./thread-journal.ts";
import { toReport, toRun } from "./wire-run.ts";

/** @returns what the history is told of a run that a fork took over, whole: both messages and the run. */
export function rowsOfCopy(run: RunRow, threadId: ThreadId): HistoryRow[] {
  const { final_response: _, ...saved } = toRun(run, threadId);
  const messages = [questionOf(run, threadId), answerOf(run, threadId) ?? []].flat();
  return [
    ...messages.map((message) => ({ kind: "message" as const, version: message.seq, message })),
    { kind: "run", version: run.ended_seq ?? run.accepted_seq, run: saved },
    ...reportOf(run, threadId, run.ended_seq ?? run.accepted_seq),
  ];
}

/**
 * @param run the commit's run as it stands now: newer than the commit, where that was not saved in
 *   time; then it is told the sooner, under a version that the later commit's still beats.
 * @param callsOf asked where the run has ended: the usage that is saved beside it.
 */
export function rowsOfCommit(
  { seq, events, note }: Commit<LoggedEvent, CommitNote>,
  run: RunRow,
  threadId: ThreadId,
  callsOf: () => UsageRecord[],
): HistoryRow[] {
  const { final_response: _, ...saved } = toRun(run, threadId);
  const rows: HistoryRow[] = [];
  for (const event of events) {
    const version = event.seq;
    if (event.type === "message_accepted") {
      rows.push({ kind: "message", version, message: questionOf(run, threadId) });
      rows.push({ kind: "run", version, run: saved });
      const { message_id, replaces } = event.data;
      if (replaces !== null) {
        const range = { from_seq: replaces.seq, before_seq: event.seq };
        rows.push({ kind: "supersession", version, thread_id: threadId, message_id, ...range });
      }
    } else if (event.type === "thread_updated" && event.data.title !== null) {
      rows.push({ kind: "thread", version, thread_id: threadId, title: event.data.title });
    }
  }
  if (note?.steps?.some(({ kind }) => kind === "end")) {
    const answer = answerOf(run, threadId);
    if (answer !== null) rows.push({ kind: "message", version: seq, message: answer });
    const calls = callsOf();
    rows.push({ kind: "run", version: seq, run: saved, ...(calls.length > 0 && { calls }) });
    rows.push(...reportOf(run, threadId, seq));
  }
  return rows;
}

/** @returns the report of a run that made one, as a row. */
function reportOf(run: RunRow, thread_id: ThreadId, version: number): HistoryRow[] {
  const report = toReport(run);
  if (report === null) return [];
  return [{ kind: "report", version, report: { id: run.run_id, thread_id, report } }];
}
