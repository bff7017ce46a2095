/** Admission to a thread's run queue: one run at a time, in order, bounded, each message once. */
import { ApexError } from "../protocol/errors.ts";

/** What the thread already knows of an arriving message. */
export interface QueueState<Run> {
  /** The run an earlier message with the same client_message_id made, with what it said. */
  readonly earlier: { readonly run: Run; readonly content: string } | null;
  /** Runs that are queued or running. */
  readonly waiting: number;
  readonly capacity: number;
}

export type Admission<Run> =
  | { readonly outcome: "accepted"; readonly position: number }
  /** The same message again: it gets the first answer again, never a second run. */
  | { readonly outcome: "repeated"; readonly run: Run }
  | { readonly outcome: "refused"; readonly error: ApexError };

/** Decides on an arriving message; a refusal leaves everything as it was. */
export function admit<Run>(content: string, queue: QueueState<Run>): Admission<Run> {
  if (queue.earlier !== null) {
    if (queue.earlier.content === content) return { outcome: "repeated", run: queue.earlier.run };
    const detail = "This client_message_id was already used for a message with another content.";
    return {
      outcome: "refused",
      error: new ApexError("idempotency_conflict", detail, {
        errors: [{ field: "client_message_id", message: "was used for another message" }],
      }),
    };
  }
  if (queue.waiting >= queue.capacity) {
    const detail = `${queue.waiting} runs of this thread are not done yet. Wait for one to end, or cancel it.`;
    return {
      outcome: "refused",
      error: new ApexError("queue_full", detail, { retryAfter: 5 }),
    };
  }
  return { outcome: "accepted", position: queue.waiting };
}
