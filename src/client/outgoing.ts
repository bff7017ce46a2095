/** The messages that are not yet acknowledged. They are kept to be sent again, up to a number and a time limit. */
import type * as z from "zod";
import type { AcceptedMessage } from "../protocol/api.ts";
import type { ApprovalDecision } from "../protocol/approvals.ts";
import type { Command, Queueing } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/events.ts";
import type { CallId, MessageId, RunId } from "../protocol/ids.ts";
import { MAX_FRAME_BYTES, MAX_MESSAGE_LENGTH } from "../protocol/limits.ts";

/** What a message asks for beside its words. */
export interface SendOptions {
  /** The idempotency key; one is made where none is given. */
  readonly clientMessageId?: string;
  readonly agent?: string;
  readonly model?: string;
  /** What becomes of the message while a run of the thread is live or waiting; it queues by default. */
  readonly queueing?: Queueing;
  /** The user's earlier message whose place this one takes, with all that was said since. */
  readonly replaces?: MessageId;
}

interface Pending {
  readonly frame: string;
  readonly answer: PromiseWithResolvers<AcceptedMessage>;
  readonly timer: ReturnType<typeof setTimeout>;
}

interface Sending {
  readonly frame: string;
  readonly acknowledged: Promise<AcceptedMessage>;
}

/** Messages, and other commands, that may wait at once. */
export const MAX_PENDING = 100;
/** How long a message waits to be acknowledged, reconnects included. */
const ACKNOWLEDGE_TIMEOUT_MS = 120_000;

export class Outgoing {
  readonly #pending = new Map<string, Pending>();
  /** Commands that may have gone down with their socket, by the run or the call that they are about. */
  readonly #commands = new Map<RunId | CallId, string>();

  /**
   * @returns the frame to send now, and a promise of its acknowledgement. If a message with this id is
   * waiting already, it is that one's.
   * @throws {ApexError} `invalid_fields`; `too_large`; `queue_full` past {@link MAX_PENDING}.
   */
  message(content: string, options: SendOptions): Sending {
    const { clientMessageId: id = newClientMessageId(), ...choice } = options;
    assertContent(content);
    const frame = frameOf({ type: "user_message", client_message_id: id, content, ...choice });
    if (new TextEncoder().encode(frame).length > MAX_FRAME_BYTES) {
      throw new ApexError("too_large", `A message takes at most ${MAX_FRAME_BYTES} bytes.`);
    }
    const pending = this.#pending.get(id) ?? this.#keep(id, frame);
    return { frame: pending.frame, acknowledged: pending.answer.promise };
  }

  /** @returns the frame to send now; a named run's is kept, in case this one is lost. */
  cancel(runId: RunId | null): string {
    if (runId === null) return frameOf({ type: "cancel" });
    return this.#keepCommand(runId, frameOf({ type: "cancel", run_id: runId }));
  }

  /** @returns the frame to send now, which is kept in case this one is lost. */
  approve(callId: CallId, decision: ApprovalDecision): string {
    return this.#keepCommand(callId, frameOf({ type: "approve", call_id: callId, decision }));
  }

  /** @returns what a new socket has to say again, in order; but for messages, only once. */
  repeat(): string[] {
    const frames = [...this.#pending.values()].map(({ frame }) => frame);
    frames.push(...this.#commands.values());
    this.#commands.clear();
    return frames;
  }

  /** Takes what a frame acknowledges or refuses off the list. */
  settle(frame: ServerFrame): void {
    switch (frame.type) {
      case "message_accepted": {
        const { client_message_id, message_id, run_id } = frame.data;
        const { thread_id } = frame.context;
        this.#take(client_message_id)?.answer.resolve({ thread_id, message_id, run_id });
        return;
      }
      case "error": {
        const { client_message_id, problem } = frame.data;
        // The socket is closed for it: the message goes out again over one with another token.
        if (problem.code === "token_expired") return;
        this.#take(client_message_id)?.answer.reject(ApexError.fromProblem(problem));
        return;
      }
      case "cancel_accepted":
        this.#commands.delete(frame.data.run_id);
        return;
      case "approval_decided":
      case "tool_completed":
        this.#commands.delete(frame.data.call_id);
        return;
      case "agent_completed":
        this.#commands.delete(frame.context.run_id);
    }
  }

  /** Rejects every message that waits. */
  abandon(error: ApexError): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.answer.reject(error);
  }

  #keep(id: string, frame: string): Pending {
    if (this.#pending.size >= MAX_PENDING) {
      throw new ApexError("queue_full", `${MAX_PENDING} messages are waiting to be sent.`);
    }
    const answer = Promise.withResolvers<AcceptedMessage>();
    const timer = setTimeout(
      () => this.#take(id)?.answer.reject(unacknowledged()),
      ACKNOWLEDGE_TIMEOUT_MS,
    );
    const pending = { frame, answer, timer };
    this.#pending.set(id, pending);
    return pending;
  }

  #keepCommand(about: RunId | CallId, frame: string): string {
    if (this.#commands.size < MAX_PENDING) this.#commands.set(about, frame);
    return frame;
  }

  #take(id: string | null): Pending | undefined {
    if (id === null) return undefined;
    const pending = this.#pending.get(id);
    clearTimeout(pending?.timer);
    this.#pending.delete(id);
    return pending;
  }
}

/** @returns a command as it travels. */
export function frameOf(command: z.input<typeof Command>): string {
  return JSON.stringify(command);
}

/** The faults a person makes, told before anything is sent; the server looks for all the others. */
function assertContent(content: string): void {
  const isBlank = content.trim() === "";
  if (!isBlank && content.length <= MAX_MESSAGE_LENGTH) return;
  const fault = isBlank
    ? ({ message: "must not be blank", code: "required" } as const)
    : ({
        message: `must be at most ${MAX_MESSAGE_LENGTH} characters`,
        code: "too_long",
        bound: MAX_MESSAGE_LENGTH,
      } as const);
  throw new ApexError("invalid_fields", `In the message: content: ${fault.message}`, {
    errors: [{ field: "content", ...fault }],
  });
}

/** 128 random bits; `randomUUID` is missing from pages that are not served over TLS. */
function newClientMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unacknowledged(): ApexError {
  return new ApexError(
    "unavailable",
    "The server did not acknowledge the message in time. It is safe to send it again under its id.",
  );
}
