/** What the server tells of all threads, as it happens: the list keeps step with every other tab and device. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import type { FeedFrame } from "../../protocol/account-feed.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { dropThread, knownThread, putThread, retitleThread, THREADS } from "./thread-cache.ts";

const NONE: ReadonlySet<ThreadId> = new Set();

/** @returns the threads with a run under way; the list itself is kept up to date beside that. */
export function useThreadFeed(client: ApexClient): ReadonlySet<ThreadId> {
  const queries = useQueryClient();
  const [live, setLive] = useState(NONE);

  useEffect(() => {
    let isFirst = true;
    const feed = client.feed({
      onFrame(frame) {
        setLive((now) => liveAfter(now, frame));
        if (frame.type === "feed_ready") {
          // What was told meanwhile is missed: only the list itself says how it stands now.
          if (!isFirst && !frame.data.recovered)
            void queries.invalidateQueries({ queryKey: THREADS });
          isFirst = false;
        } else {
          follow(client, queries, frame);
        }
      },
    });
    return () => feed.close();
  }, [client, queries]);

  return live;
}

/** @returns the threads with a run under way after a frame. */
function liveAfter(now: ReadonlySet<ThreadId>, frame: FeedFrame): ReadonlySet<ThreadId> {
  if (frame.type === "feed_ready") {
    return new Set(frame.data.live_runs.map(({ thread_id }) => thread_id));
  }
  if (frame.type === "thread_updated") return now;
  const next = new Set(now);
  if (frame.type === "run_started") next.add(frame.context.thread_id);
  else next.delete(frame.context.thread_id);
  return next;
}

function follow(
  client: ApexClient,
  queries: QueryClient,
  { type, context: { thread_id: id }, data }: Exclude<FeedFrame, { type: "feed_ready" }>,
): void {
  if (type === "thread_deleted") {
    dropThread(queries, id);
    return;
  }
  if (type === "thread_updated") retitleThread(queries, id, data.title);
  // Begun elsewhere; one that is gone by now says so itself.
  if (knownThread(queries, id) === undefined) {
    client.threads.get(id).then(
      (thread) => putThread(queries, thread),
      () => undefined,
    );
  }
}
