/** Tells the user's feed what happens in the thread: every notice, in order, however long the feed is away. */
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
  /** @returns in which trace a run is; null where that is not known. */
  readonly traceOf?: (runId: RunId) => TraceContext | null;
  /** How many runs wait behind a live one. */
  readonly queued: () => number;
  /** A new stub of the user's Account object. */
  readonly account: () => Pick<AccountRpc, "announce">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The journal is the queue, and the feed itself knows how far it has come with this thread: so nothing
 * is stored here. What an object does not know after it woke, it asks, and then tells all that the
 * feed lacks. For that to happen without anybody coming by, an alarm stands from the commit of an
 * event to its delivery ({@link dueAt}), and the journal keeps what is not delivered ({@link upTo}).
 */
export class Announcer {
  readonly #parts: AnnouncerParts;
  /**
   * Whether anybody follows the feed, as it last said. Where nobody does, the beginning of a run is told
   * with its end, or by the alarm: in one row of the feed instead of two.
   */
  followed = true;
  /** The seq up to which the feed has everything; null while only the feed knows. */
  #upTo: number | null = null;
  #failures = 0;
  #retryAt: number | null = null;
  #flushing: Promise<boolean> | null = null;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** @returns the seq up to which the feed surely has everything. */
  get upTo(): number {
    return this.#upTo ?? 0;
  }

  /** @returns when to flush again (milliseconds since the Unix epoch), or null where nothing waits. */
  get dueAt(): number | null {
    if (this.upTo >= this.#end()) return null;
    return this.#retryAt ?? this.#parts.clock.now();
  }

  /** To be called with what was committed. @returns whether there is something to flush now. */
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
   * Tells what the feed lacks, unless a failure tells to wait longer. One flush runs at a time: a call
   * in between joins it and then looks again.
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

  /** The last seq there is to tell of: a deletion takes the place after the last event. */
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

/** @returns what is told of the thread's deletion. */
function lastNotice(seq: number, at: number): ThreadNotice {
  const type = "thread_deleted";
  return { type, seq, run_id: null, agent: null, timestamp: timestamp(at), data: {} };
}

/** @returns what the user's feed is told of an event of the thread, or null where that is nothing. */
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
          ...{ run_id: context.run_id, agent, status: data.status },
          ...{ model: data.model, usage: data.usage, ended_at: timestamp },
        },
      };
    case "thread_updated":
      return { ...notice, type, data: { title: data.title } };
    default:
      return null;
  }
}
