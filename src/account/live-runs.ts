/** Finds the runs under way in a part of the feed. */
import type { FeedEvent, FeedReady } from "../protocol/account-feed.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";

/** @returns the runs that started and did not end, in the order they started; at most one per thread. */
export function liveRuns(events: Iterable<FeedEvent>): FeedReady["data"]["live_runs"] {
  const live = new Map<ThreadId, RunId>();
  for (const { type, data, context } of events) {
    if (type === "thread_updated") continue;
    // A thread runs one at a time, so a notice of any run means that the one before has ended.
    live.delete(context.thread_id);
    if (type === "run_started") live.set(context.thread_id, data.run_id);
  }
  return Array.from(live, ([thread_id, run_id]) => ({ thread_id, run_id }));
}
