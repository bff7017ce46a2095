/** The runs that a stretch of the feed leaves under way. */
import type { FeedEvent, FeedReady } from "../protocol/account-feed.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";

/** @returns the runs that began and did not end, in the order they began: one a thread at most. */
export function liveRuns(events: Iterable<FeedEvent>): FeedReady["data"]["live_runs"] {
  const live = new Map<ThreadId, RunId>();
  for (const { type, data, context } of events) {
    if (type === "thread_updated") continue;
    // A thread runs one at a time: whatever it tells of a run, the one before is over.
    live.delete(context.thread_id);
    if (type === "run_started") live.set(context.thread_id, data.run_id);
  }
  return Array.from(live, ([thread_id, run_id]) => ({ thread_id, run_id }));
}
