/**
 * Tells the user's feed (in the Account object) when runs of this thread start and end, or its title changes. Every
 * notice arrives, in order, even if the Account object was unreachable for a while.
 */
import type { AccountRpc, ThreadNotice } from "../account/rpc.ts";
import { type Clock, timestamp } from "../core/clock.ts";
import type { EventStore } from "../core/event-log.ts";
import type { Log } from "../core/log.ts";
import { backoff } from "../core/retry.ts";
import type { TraceContext } from "../core/trace.ts";
import { reach } from "../durable/reach.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";
import type { Deletion } from "./deletion.ts";

/** How long one delivery may take, in milliseconds. */
const DEADLINE_MS = 2_000;
/** Notices in one delivery. */
const BATCH = 100;
/** The pauses between tries, in milliseconds. */
const PAUSES = { initialMs: 500, maxMs: 60_000 };

interface AnnouncerParts {
  readonly threadId: ThreadId;
  readonly journal: Pick<EventStore<LoggedEvent, never>, "epoch" | "lastSeq" | "after">;
  readonly deletion: Pick<Deletion, "decidedAt">;
  /** @returns the trace that a run belongs to; null if it is not known. */
  readonly traceOf?: (runId: RunId) => TraceContext | null;
  /** How many runs wait behind a live one. */
  readonly queued: () => number;
  /** A new stub of the user's Account object. */
  readonly account: () => Pick<AccountRpc, "announce">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Stores nothing itself: the journal is the queue, and the feed remembers up to which seq it was told. After the
 * object has slept it asks the feed for that seq, and sends what comes after. Two things make delivery certain:
 * the alarm is set as long as something is undelivered ({@link dueAt}), and the journal is not trimmed past the
 * last delivered event ({@link upTo}).
 */
export class Announcer {
  readonly #parts: AnnouncerParts;
  /**
   * Whether anybody follows the feed right now, as it last said. If nobody does, the start of a run is not told
   * at once but together with its end: then the feed writes one row instead of two.
   */
  followed = true;
  /** The seq up to which the feed was told everything; null until the feed has been asked. */
  #upTo: number | null = null;
  #failures = 0;
  #retryAt: number | null = null;
  #flushing: Promise<boolean> | null = null;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** The seq up to which the feed is known to have everything. */
  get upTo(): number {
    return this.#upTo ?? 0;
  }

  /** When to flush next (milliseconds since the Unix epoch), or null if everything is delivered. */
  get dueAt(): number | null {
    if (this.upTo >= this.#end()) return null;
    return this.#retryAt ?? this.#parts.clock.now();
  }

  /** To be called with all committed events. @returns whether {@link flush} should be called now. */
  hear(events: readonly LoggedEvent[]): boolean {
    const notices = events.flatMap((event) => noticeOf(event) ?? []);
    if (notices.length > 0) {
      return this.followed || notices.some(({ type }) => type !== "run_started");
    }
    const [first] = events;
    if (first && this.#upTo === first.seq - 1) this.#upTo += events.length;
    return false;
  }

  /**
   * Sends the feed what it lacks, unless it is still backing off after a failure. Only one flush runs at a
   * time: a second call waits for the first, then checks again.
   * @returns whether the feed has everything. Never throws.
   */
  async flush(): Promise<boolean> {
    if (this.#flushing !== null) await this.#flushing;
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
    });
    return await this.#flushing;
  }

  async #drain(): Promise<boolean> {
    const { clock, log, threadId, journal, account, queued } = this.#parts;
    if (this.#retryAt !== null && clock.now() < this.#retryAt) return false;
    try {
      for (;;) {
        const notices = this.#upTo === null ? [] : this.#after(this.#upTo);
        if (this.#upTo !== null && notices.length === 0) {
          this.#upTo = this.#end();
          return true;
        }
        const source = { threadId, epoch: journal.epoch, queued: queued() };
        this.#upTo = await reach(account, (feed) => feed.announce(source, notices), DEADLINE_MS);
        this.#failures = 0;
        this.#retryAt = null;
      }
    } catch (error) {
      this.#failures += 1;
      const pause = backoff(this.#failures, PAUSES);
      this.#retryAt = clock.now() + pause;
      log.error("feed.postponed", error, { pause_ms: Math.round(pause) });
      return false;
    }
  }

  /** The last seq to be told. The thread's deletion is no event, but counts as one after the last. */
  #end(): number {
    return this.#parts.journal.lastSeq() + (this.#parts.deletion.decidedAt === null ? 0 : 1);
  }

  #after(seq: number): readonly ThreadNotice[] {
    const { journal, deletion, traceOf } = this.#parts;
    const notices = journal
      .after(seq)
      .flatMap((event) => noticeOf(event) ?? [])
      .map((notice) =>
        notice.ended && traceOf ? { ...notice, trace: traceOf(notice.ended.run_id) } : notice,
      );
    const at = deletion.decidedAt;
    if (at !== null && seq < this.#end()) notices.push(lastNotice(this.#end(), at));
    return notices.slice(0, BATCH);
  }
}

/** @returns the notice that the thread was deleted. */
function lastNotice(seq: number, at: number): ThreadNotice {
  const type = "thread_deleted";
  return { type, seq, run_id: null, agent: null, timestamp: timestamp(at), data: {} };
}

/** @returns the notice that an event becomes in the user's feed, or null if the feed is not told of it. */
export function noticeOf({ type, seq, context, data }: LoggedEvent): ThreadNotice | null {
  const { run_id, agent, timestamp } = context;
  const notice = { seq, run_id, agent, timestamp };
  switch (type) {
    case "agent_started": {
      const { agent_type, model } = data;
      return {
        ...notice,
        type: "run_started",
        data: { run_id: context.run_id, agent: agent_type, model },
      };
    }
    case "agent_completed":
      return {
        ...notice,
        type: "run_ended",
        data: { run_id: context.run_id, status: data.status },
        ended: {
          run_id: context.run_id,
          agent,
          status: data.status,
          model: data.model,
          usage: data.usage,
          ended_at: timestamp,
        },
      };
    case "thread_updated":
      return { ...notice, type, data: { title: data.title } };
    default:
      return null;
  }
}
