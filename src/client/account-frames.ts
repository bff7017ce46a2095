/** What arrives in the feed of a user's threads, as checks. */
import type { FeedEvent, FeedFrame, FeedReady } from "../protocol/account-feed.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";
import {
  boolean,
  type Check,
  count,
  isObject,
  list,
  nullable,
  object,
  oneOf,
  text,
} from "./checks.ts";
import { isFinalStatus } from "./entities.ts";

type Data<Type extends FeedFrame["type"]> = Extract<FeedFrame, { readonly type: Type }>["data"];

/** What each frame's `data` holds. */
const DATA: { readonly [Type in FeedFrame["type"]]: Check<Data<Type>> } = {
  run_started: object<Data<"run_started">>({ run_id: text, agent: text, model: text }),
  run_ended: object<Data<"run_ended">>({ run_id: text, status: isFinalStatus }),
  thread_updated: object<Data<"thread_updated">>({ title: nullable(text) }),
  thread_deleted: object<Data<"thread_deleted">>({}),
  feed_ready: object<Data<"feed_ready">>({
    protocol: text,
    epoch: text,
    last_seq: count,
    recovered: boolean,
    replay_after: count,
    live_runs: list(
      object<Data<"feed_ready">["live_runs"][number]>({ thread_id: text, run_id: text }),
    ),
  }),
};

const isTold = oneOf(DATA);

const isFeedContext = object<FeedReady["context"]>({ user_id: text, timestamp: text });
const isEventContext = object<FeedEvent["context"]>({
  user_id: text,
  thread_id: text<ThreadId>,
  run_id: nullable(text<RunId>),
  agent: nullable(text),
  timestamp: text,
});

/** @returns whether a value is a frame that this version knows, with all that it promises. */
export function isFeedFrame(value: unknown): value is FeedFrame {
  if (!isObject(value)) return false;
  const { type, seq, context, data } = value;
  if (!isTold(type) || !DATA[type](data)) return false;
  if (type === "feed_ready") return seq === null && isFeedContext(context);
  return count(seq) && isEventContext(context);
}
