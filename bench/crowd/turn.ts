/** What one message met on its way, as the one who sent it saw it. */
import type { ServerFrame } from "../../src/client/index.ts";

/** Moments are by the process's own clock; what is null has not come. */
export interface Turn {
  readonly sentAt: number;
  /** From sending, in milliseconds: until it was durable, its run began, its first text and its end came. */
  readonly acceptedMs: number | null;
  readonly firstEventMs: number | null;
  readonly firstTextMs: number | null;
  readonly completedMs: number | null;
  /** What its tool calls took, as the product says, in milliseconds. */
  readonly toolMs: readonly number[];
  /** What was said of its coming to nothing; null where nothing was. */
  readonly failure: string | null;
}

/** @returns why a turn came to nothing; null where it did not. */
export function failureOf({ failure, completedMs }: Turn): string | null {
  return failure ?? (completedMs === null ? "no end of its run was heard of" : null);
}

type Timed = { -readonly [Name in keyof Turn]: Turn[Name] } & { toolMs: number[] };

/** Times the turns of one thread by the frames that its socket brings. */
export class Stopwatch {
  readonly #now: () => number;
  readonly #turns: Timed[] = [];
  readonly #byText = new Map<string, Timed>();
  readonly #byRun = new Map<string, Timed>();
  #speaking: Timed | null = null;

  /** @param now the time in milliseconds, of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  /** @param text that no other message of the thread has. */
  sent(text: string): void {
    const moments = { acceptedMs: null, firstEventMs: null, firstTextMs: null, completedMs: null };
    const turn: Timed = { sentAt: this.#now(), ...moments, toolMs: [], failure: null };
    this.#turns.push(turn);
    this.#byText.set(text, turn);
  }

  /** Notes that a message was not taken. */
  refused(text: string, why: string): void {
    const turn = this.#byText.get(text);
    if (turn !== undefined) turn.failure = why;
  }

  hear(frame: ServerFrame): void {
    if (frame.type === "message_accepted") {
      const turn = this.#byText.get(frame.data.content);
      if (turn === undefined) return;
      turn.acceptedMs = this.#now() - turn.sentAt;
      this.#byRun.set(frame.data.run_id, turn);
    } else if (frame.type === "message_delta") {
      // A thread has one run at a time: text is of the one that began last.
      const turn = this.#speaking;
      if (turn !== null) turn.firstTextMs ??= this.#now() - turn.sentAt;
    } else if (frame.type === "agent_started") {
      this.#speaking = this.#byRun.get(frame.context.run_id) ?? null;
      if (this.#speaking !== null)
        this.#speaking.firstEventMs = this.#now() - this.#speaking.sentAt;
    } else if (frame.type === "tool_completed") {
      this.#byRun.get(frame.context.run_id)?.toolMs.push(frame.data.duration_ms);
    } else if (frame.type === "agent_completed") {
      const turn = this.#byRun.get(frame.context.run_id);
      if (turn === undefined) return;
      turn.completedMs = this.#now() - turn.sentAt;
      if (frame.data.status !== "completed") turn.failure = `its run ended as ${frame.data.status}`;
    }
  }
}
