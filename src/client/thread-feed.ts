/** What has arrived of a thread: each frame once, in order, and never past a gap. */
import type { Message } from "../protocol/entities.ts";
import type { ServerFrame } from "../protocol/events.ts";
import type { RunId } from "../protocol/ids.ts";
import { MAX_REPLAY } from "../protocol/limits.ts";
import { project, withHistory } from "../protocol/projection.ts";
import type { ThreadView } from "../protocol/thread-view.ts";
import type { Incoming } from "./incoming.ts";

export interface Feed {
  readonly view: ThreadView;
  /** What waits until the history is there, or null where nothing has to wait. */
  readonly held: readonly Incoming<ServerFrame>[] | null;
}

export interface Received {
  readonly feed: Feed;
  /** The frames that are in the view now and were not before. */
  readonly fresh: readonly ServerFrame[];
  /** true where the log must be read again from the view's position. */
  readonly gap: boolean;
}

/** Frames held while the history loads: a whole replay, and as much again that is new. */
export const MAX_HELD = 2 * MAX_REPLAY;

/** Takes in one frame. Repeated events change nothing; an unknown one only takes its place. */
export function receive(feed: Feed, incoming: Incoming<ServerFrame>): Received {
  if (incoming.frame?.type === "connection_ready") {
    const view = project(feed.view, incoming.frame);
    return { feed: { view, held: view.stale ? [] : null }, fresh: [incoming.frame], gap: false };
  }
  const { seq } = incoming;
  const last = lastSeq(feed);
  if (seq !== null && seq <= last) return { feed, fresh: [], gap: false };
  if (seq !== null && seq > last + 1) return { feed, fresh: [], gap: true };
  if (feed.held === null) return fold(feed.view, [incoming]);
  if (feed.held.length === MAX_HELD) return { feed, fresh: [], gap: true };
  return { feed: { ...feed, held: [...feed.held, incoming] }, fresh: [], gap: false };
}

/** Puts the history under what was held, which is then taken in. */
export function receiveHistory(feed: Feed, history: readonly Message[]): Received {
  return fold(withHistory(feed.view, history), feed.held ?? []);
}

function fold(view: ThreadView, arrived: readonly Incoming<ServerFrame>[]): Received {
  return {
    feed: { view: arrived.reduce(take, view), held: null },
    fresh: arrived.flatMap(({ frame }) => frame ?? []),
    gap: false,
  };
}

function take(view: ThreadView, { seq, frame }: Incoming<ServerFrame>): ThreadView {
  if (frame) return project(view, frame);
  return seq === null ? view : { ...view, lastSeq: seq };
}

function lastSeq({ view, held }: Feed): number {
  return held?.findLast(({ seq }) => seq !== null)?.seq ?? view.lastSeq;
}

/** @returns the run whose answer is being written, or null. */
export function runningRun({ messages }: ThreadView): RunId | null {
  return messages.find(({ status }) => status === "streaming")?.runId ?? null;
}
