/** Admission to a thread's run queue: one run at a time, in order, bounded, each message once. */
import type { Queueing } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import type { RunId } from "../protocol/ids.ts";
import { counted } from "../protocol/plural.ts";

/** A message that arrives. */
export interface Arrival {
  /** What becomes of it where others are live or waiting. */
  readonly queueing: Queueing;
  /** The run whose message it takes the place of, where it takes one's. */
  readonly replaces: RunId | null;
}

/** What the thread already knows of an arriving message. */
export interface QueueState<Run> {
  /** The run that an earlier message with the same client_message_id made, and whether it asked the same. */
  readonly earlier: { readonly run: Run; readonly isSame: boolean } | null;
  /** Runs that are running or queued, in order. */
  readonly waiting: readonly RunId[];
  readonly capacity: number;
}

export type Admission<Run> =
  /** Runs to be cancelled, in order, in the transaction that stores the message; they end before it. */
  | { readonly outcome: "accepted"; readonly position: number; readonly cancels: readonly RunId[] }
  /** The same message again: it gets the first answer again, never a second run, and ends none. */
  | { readonly outcome: "repeated"; readonly run: Run }
  | { readonly outcome: "refused"; readonly error: ApexError };

/** Decides on an arriving message; a refusal leaves everything as it was. */
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
  // Those it cancels hold their places until they have ended.
  const places = cancels.length > 0 ? 2 * capacity : capacity;
  if (waiting.length >= places) {
    const detail = `${counted(waiting.length, "run of this thread is", "runs of this thread are")} not done yet. Wait for one to end, or cancel it.`;
    return refuse("queue_full", detail, { retryAfter: 5 });
  }
  return { outcome: "accepted", position: waiting.length, cancels };
}

/** An interruption ends all that waits; a replacement ends what it makes pointless: itself and what follows. */
function cancelledBy({ queueing, replaces }: Arrival, waiting: readonly RunId[]): readonly RunId[] {
  if (queueing === "interrupt") return waiting;
  // What is replaced has ended before all that waits, where it does not wait itself.
  return replaces === null ? [] : waiting.slice(Math.max(0, waiting.indexOf(replaces)));
}

function refuse(...error: ConstructorParameters<typeof ApexError>): Admission<never> {
  return { outcome: "refused", error: new ApexError(...error) };
}
