/** Whether a run is over, as far as a view can tell: by its last event, or by its saved answer. */
import { FinalStatus, type Message } from "../protocol/entities.ts";
import type { RunId } from "../protocol/ids.ts";
import type { ThreadView } from "../protocol/thread-view.ts";

/** What a run has come to when its answer stands so. */
const OUTCOMES: Readonly<Record<Message["status"], FinalStatus | null>> = {
  streaming: null,
  complete: "completed",
  failed: "failed",
  cancelled: "cancelled",
};

/** @returns how a run ended, or null while it waits or runs. */
export function runOutcome({ runs, messages }: ThreadView, runId: RunId): FinalStatus | null {
  const status = FinalStatus.safeParse(runs[runId]?.status);
  if (status.success) return status.data;
  const answer = messages.find((message) => message.runId === runId && message.role !== "user");
  return answer ? OUTCOMES[answer.status] : null;
}

/** @returns whether a run of the thread waits or runs. */
export function isBusy(view: ThreadView): boolean {
  return view.messages.some(({ runId }) => runOutcome(view, runId) === null);
}
