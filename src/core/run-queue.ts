/** The rules of a thread's run queue: one run at a time, in order, a bounded number waiting, no message twice. */
import type { Queueing } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import type { RunId } from "../protocol/ids.ts";
import { counted } from "../protocol/plural.ts";

/** A message that asks to be queued. */
export interface Arrival {
  /** What is to happen if other runs are live or waiting. */
  readonly queueing: Queueing;
  /** The run whose message it replaces, or null. */
  readonly replaces: RunId | null;
}

/** The state of the queue when the message arrives. */
interface QueueState<Run> {
  /** The run of an earlier message with the same client_message_id, and whether that message was the same. */
  readonly earlier: { readonly run: Run; readonly isSame: boolean } | null;
  /** Runs that are running or queued, in order. */
  readonly waiting: readonly RunId[];
  readonly capacity: number;
}

export type Admission<Run> =
  /** `cancels` are the runs to cancel in the transaction that stores the message; they end before its run starts. */
  | { readonly outcome: "accepted"; readonly position: number; readonly cancels: readonly RunId[] }
  /** The same message again: it is answered as the first time, and neither starts nor cancels a run. */
  | { readonly outcome: "repeated"; readonly run: Run }
  | { readonly outcome: "refused"; readonly error: ApexError };

/** @returns what is to be done with a message. Pure: nothing is changed here. */
export function admit<Run>(arrival: Arrival, queue: QueueState<Run>): Admission<Run> {
  const { earlier, waiting, capacity } = queue;
  const { queueing } = arrival;
  if (earlier !== null) {
    if (earlier.isSame) return { outcome: "repeated", run: earlier.run };
    const detail = "This client_message_id was already used for another message.";
    return refuse("idempotency_conflict", detail, {
      errors: [{ field: "client_message_id", message: "was used for another message" }],
    });
  }
  const [activeRunId] = waiting;
  if (queueing === "reject" && activeRunId !== undefined) {
    const detail = "A run of this thread is not done yet. Wait for its end, or cancel it.";
    return refuse("thread_busy", detail, { activeRunId });
  }
  const cancels = cancelledBy(arrival, waiting);
  // Cancelled runs keep their places until they have ended, so for a moment twice as many may be needed.
  const places = cancels.length > 0 ? 2 * capacity : capacity;
  if (waiting.length >= places) {
    const detail = `${counted(waiting.length, "run of this thread is", "runs of this thread are")} not done yet. Wait for one to end, or cancel it.`;
    return refuse("queue_full", detail, { retryAfter: 5 });
  }
  return { outcome: "accepted", position: waiting.length, cancels };
}

/** An interruption cancels all runs; a replacement those that it makes pointless: of the replaced message and later. */
function cancelledBy({ queueing, replaces }: Arrival, waiting: readonly RunId[]): readonly RunId[] {
  if (queueing === "interrupt") return waiting;
  // If the replaced run has ended already, all waiting runs came after it (`indexOf` gives -1).
  return replaces === null ? [] : waiting.slice(Math.max(0, waiting.indexOf(replaces)));
}

function refuse(...error: ConstructorParameters<typeof ApexError>): Admission<never> {
  return { outcome: "refused", error: new ApexError(...error) };
}
