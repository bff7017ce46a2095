/** Counts the runs of a user that are under way or queued, in memory. */
import type { FeedEvent } from "../protocol/account-feed.ts";
import type { ThreadId } from "../protocol/ids.ts";

/** A reserved run that is not announced within this time, in milliseconds, counts as never started. */
const RESERVED_MS = 10_000;

/** How many runs of a user are live, and how many wait behind a live one. */
export interface RunCounts {
  readonly live: number;
  readonly queued: number;
}

/**
 * Nothing is stored: the feed tells which runs are live, and each thread repeats with every message and notice
 * how many are queued in it.
 */
export class RunsUnderWay {
  /** The threads with a live run, and until when each is believed (milliseconds since the Unix epoch). */
  readonly #live: Map<ThreadId, number>;
  readonly #queued = new Map<ThreadId, number>();

  /** @param live the threads with a live run according to the feed. */
  constructor(live: Iterable<ThreadId>) {
    this.#live = new Map([...live].map((id) => [id, Number.POSITIVE_INFINITY]));
  }

  /** @returns the counts, without those of one thread if it is named. */
  counts(now: number, except?: ThreadId): RunCounts {
    let queued = 0;
    for (const [id, until] of this.#live) if (until <= now) this.#live.delete(id);
    for (const [id, count] of this.#queued) if (id !== except) queued += count;
    const isLeftOut = except !== undefined && this.#live.has(except);
    return { live: this.#live.size - (isLeftOut ? 1 : 0), queued };
  }

  /**
   * Reserves a place for a message's run.
   * @param waiting the number of runs in its thread that come first.
   */
  reserve(threadId: ThreadId, waiting: number, now: number): void {
    if (waiting === 0) this.#live.set(threadId, now + RESERVED_MS);
    else this.#queued.set(threadId, waiting);
  }

  /**
   * Takes the notices of a thread.
   * @param queued how many runs wait in it; undefined if it did not say.
   */
  hear(threadId: ThreadId, events: readonly FeedEvent[], queued: number | undefined): void {
    for (const { type } of events) {
      if (type === "run_started") this.#live.set(threadId, Number.POSITIVE_INFINITY);
      else if (type !== "thread_updated") this.#live.delete(threadId);
    }
    if (queued === 0) this.#queued.delete(threadId);
    else if (queued !== undefined) this.#queued.set(threadId, queued);
  }
}
