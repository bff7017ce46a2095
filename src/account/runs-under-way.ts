/** The runs of all of a user's threads that are under way, as the threads last told: kept in memory. */
import type { FeedEvent } from "../protocol/account-feed.ts";
import type { ThreadId } from "../protocol/ids.ts";

/** A run that was reserved and is not told of within so long, in milliseconds, never began. */
const RESERVED_MS = 10_000;

/** How many runs of a user are live, and how many wait behind a live one. */
export interface RunCounts {
  readonly live: number;
  readonly queued: number;
}

/**
 * Nothing is stored: which runs are live stands in the feed, and each thread says anew, with every
 * message and notice, how many wait in it.
 */
export class RunsUnderWay {
  /** The threads with a live run, each with the time until which that is believed. */
  readonly #live: Map<ThreadId, number>;
  readonly #queued = new Map<ThreadId, number>();

  /** @param live the threads with a live run, as the feed leaves them. */
  constructor(live: Iterable<ThreadId>) {
    this.#live = new Map([...live].map((id) => [id, Number.POSITIVE_INFINITY]));
  }

  /** @returns the counts, those of one thread left out where one is named. */
  counts(now: number, except?: ThreadId): RunCounts {
    let queued = 0;
    for (const [id, until] of this.#live) if (until <= now) this.#live.delete(id);
    for (const [id, count] of this.#queued) if (id !== except) queued += count;
    const isLeftOut = except !== undefined && this.#live.has(except);
    return { live: this.#live.size - (isLeftOut ? 1 : 0), queued };
  }

  /** Holds a place for a message's run. @param waiting the runs of its thread that go before it. */
  reserve(threadId: ThreadId, waiting: number, now: number): void {
    if (waiting === 0) this.#live.set(threadId, now + RESERVED_MS);
    else this.#queued.set(threadId, waiting);
  }

  /** Hears what a thread tells. @param queued how many wait in it; undefined where it did not say. */
  hear(threadId: ThreadId, events: readonly FeedEvent[], queued: number | undefined): void {
    for (const { type } of events) {
      if (type === "run_started") this.#live.set(threadId, Number.POSITIVE_INFINITY);
      else if (type !== "thread_updated") this.#live.delete(threadId);
    }
    if (queued === 0) this.#queued.delete(threadId);
    else if (queued !== undefined) this.#queued.set(threadId, queued);
  }
}
