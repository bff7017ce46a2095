/** An exchange that waits for its caller: what was asked, and which calls have no result yet. */
import { callerCalls } from "../core/caller.ts";
import type { Step } from "../core/checkpoint.ts";
import type { CallerTurn } from "../protocol/caller.ts";
import type { MessageId } from "../protocol/ids.ts";
import { callerOf, type RunRow } from "./run-row.ts";

/** To go on, the message is sent again in its own place, with these turns and then the results. */
export interface OpenTurn {
  readonly message_id: MessageId;
  readonly question: string;
  /** What the question led to so far; the calls without results stand in the last of them. */
  readonly turns: readonly CallerTurn[];
}

/** @returns null where a run did not end with calls of its caller's functions, or was replaced. */
export function openTurnOf(row: RunRow, steps: readonly Step[]): OpenTurn | null {
  const calls = callerCalls(steps);
  if (row.status !== "completed" || row.superseded_by !== null || calls.length === 0) return null;
  const before = callerOf(row)?.after ?? [];
  const { message_id, content: question, answer } = row;
  return {
    message_id,
    question,
    turns: [...before, { role: "assistant", content: answer ?? "", calls }],
  };
}
