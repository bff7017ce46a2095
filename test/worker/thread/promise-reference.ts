/** What was sent and what was answered, and what the log obliges a thread to: plain data, read plainly. */
import type { Queueing } from "../../../src/protocol/commands.ts";
import type { LoggedEvent, LoggedType, ServerFrame } from "../../../src/protocol/events.ts";

/** A message that was sent, whether it arrived or not. */
export interface Sent {
  readonly key: string | null;
  readonly content: string;
  readonly queueing: Queueing;
  /** The message whose place it is to take. */
  readonly replaces: string | null;
}

/** An answer over HTTP: what was asked, and the run it promised, or that it was refused. */
export interface Posted extends Sent {
  readonly answer: { readonly runId: string } | { readonly refused: number };
}

export type Event<Type extends LoggedType> = Extract<LoggedEvent, { type: Type }>;
export type Journal = readonly LoggedEvent[];

/** @returns the frames of one type. */
export function only<Type extends LoggedType>(frames: readonly ServerFrame[], type: Type) {
  return frames.filter((frame): frame is Event<Type> => frame.type === type);
}

/** @returns which message took the place of each run's exchange, by run: the first one that did. */
export function supersededBy(journal: Journal): Map<string, string> {
  const superseded = new Map<string, string>();
  const accepted = only(journal, "message_accepted");
  for (const { seq, data } of accepted) {
    if (data.replaces === null) continue;
    const from = data.replaces.seq;
    for (const earlier of accepted.filter((each) => each.seq >= from && each.seq < seq)) {
      const { run_id } = earlier.data;
      if (!superseded.has(run_id)) superseded.set(run_id, data.message_id);
    }
  }
  return superseded;
}

/** Runs that a later message cancelled, and those of them that had not begun by then. */
export interface Cancelled {
  readonly unwanted: ReadonlySet<string>;
  readonly neverStarted: ReadonlySet<string>;
}

/**
 * @returns whom messages cancelled: one that interrupts, all that waited; one that takes a place, what
 *   waited from there on. Of a message that was sent twice, and differently, it is not known which
 *   one was accepted: it may have interrupted.
 */
export function cancelledByMessages(journal: Journal, sent: readonly Sent[]): Cancelled {
  const unwanted = new Set<string>();
  const neverStarted = new Set<string>();
  for (const { seq, data } of only(journal, "message_accepted")) {
    const before = journal.filter((event) => event.seq < seq);
    const started = only(before, "agent_started").map(({ context }) => context.run_id);
    const ended = only(before, "agent_completed").map(({ context }) => context.run_id);
    const meant = sent.filter(({ content }) => content === data.content);
    const mayInterrupt = meant.some(({ queueing }) => queueing === "interrupt");
    const interrupts = meant.every(({ queueing }) => queueing === "interrupt");
    const from = data.replaces?.seq ?? Number.POSITIVE_INFINITY;
    for (const waiting of only(before, "message_accepted")) {
      const { run_id } = waiting.data;
      if (ended.includes(run_id)) continue;
      if (mayInterrupt || waiting.seq >= from) unwanted.add(run_id);
      if ((interrupts || waiting.seq >= from) && !started.includes(run_id)) {
        neverStarted.add(run_id);
      }
    }
  }
  return { unwanted, neverStarted };
}
