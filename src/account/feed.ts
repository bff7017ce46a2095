/**
 * The feed of a user's threads: numbers the notices of the threads, each once, and replays them to clients that
 * resume.
 */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { EventLog } from "../core/event-log.ts";
import { JOURNAL_TABLE, Journal } from "../durable/journal.ts";
import { openTables } from "../durable/schema.ts";
import { FeedEvent, type FeedFrame, type FeedReady } from "../protocol/account-feed.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { MAX_REPLAY } from "../protocol/limits.ts";
import type { Position } from "../protocol/position.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { ENDED_VOUCHERS_TABLE } from "./ended-vouchers.ts";
import { OUTGOING_TABLE } from "./herald.ts";
import { EnteredRun, entered, LEDGER_SUMMARY, LEDGER_TABLE, type LedgerRows } from "./ledger.ts";
import { liveRuns } from "./live-runs.ts";
import { MARKS_TABLE, Mark, Marks } from "./marks.ts";
import { OPEN_SOCKETS_TABLE } from "./open-sockets.ts";
import type { NoticeSource, ThreadNotice } from "./rpc.ts";
import { SPEND_TABLE } from "./spend.ts";

/** When the journal holds this many events, it is trimmed to those that a resume may ask for. */
const JOURNAL_EVENTS = 2 * MAX_REPLAY;

/**
 * The Account object's tables, one entry a version; entries are only ever appended.
 * - `state`: the epoch of this journal, and the version of the schema.
 * - `journal`: the feed's events, a row a delivery, each with its thread's mark and, where runs ended, with
 *   their entries of the ledger. Trimmed from its old end.
 * - `ended_vouchers`: sessions and keys that ended, for as long as a token of theirs could live.
 * - `marks`: the marks of threads that have no row in the journal any more.
 * - `spend`: of an earlier version; nothing reads it any more.
 * - `open_sockets`: the threads that hold sockets.
 * - `ledger`: what each run used whose event the journal has forgotten, a row a run; and what summaries used.
 * - `outgoing`: what webhooks are to be told of, until the outbox has it.
 */
const SCHEMA = [
  `${JOURNAL_TABLE}\n${MARKS_TABLE}`,
  ENDED_VOUCHERS_TABLE,
  `${SPEND_TABLE}\n${OPEN_SOCKETS_TABLE}`,
  `${LEDGER_TABLE}\n${OUTGOING_TABLE}`,
  LEDGER_SUMMARY,
];

/** What is stored beside the events of a delivery. */
const FeedNote = Mark.extend({ ended: z.array(EnteredRun).optional() });
type FeedNote = z.infer<typeof FeedNote>;

interface FeedParts {
  readonly storage: DurableObjectStorage;
  readonly userId: UserId;
  readonly ledger: Pick<LedgerRows, "outlive">;
  readonly clock: Clock;
}

type Told = ThreadNotice & { readonly thread_id: ThreadId };

export class Feed {
  readonly #parts: FeedParts;
  readonly #journal: Journal<FeedEvent, FeedNote>;
  readonly #marks: Marks;
  readonly #log: EventLog<Told, FeedEvent, FeedNote>;

  constructor(parts: FeedParts) {
    const { storage, userId } = parts;
    const { sql } = storage;
    const schemas = { event: FeedEvent, note: FeedNote };
    this.#parts = parts;
    this.#journal = new Journal(sql, openTables(storage, SCHEMA), schemas);
    this.#marks = new Marks(sql);
    this.#log = new EventLog({
      store: this.#journal,
      place: ({ thread_id, run_id, agent, timestamp, ended: _, ...event }, seq) => {
        const context = { user_id: userId, thread_id, run_id, agent, timestamp };
        return FeedEvent.parse({ ...event, seq, context });
      },
      // A client that cannot resume reloads the list. The runs under way are part of `feed_ready`.
      liveSeq: () => null,
      maxReplay: MAX_REPLAY,
    });
  }

  /**
   * Adds those of a thread's notices that are new, all in one row.
   * @param within called with the new ones, inside the transaction.
   * @returns the new events to be sent, the new notices, and the answer of {@link AccountRpc.announce}.
   */
  take(
    source: NoticeSource,
    notices: readonly ThreadNotice[],
    within: (fresh: readonly ThreadNotice[]) => void,
  ) {
    const { threadId: thread_id, epoch } = source;
    return this.#parts.storage.transactionSync(() => {
      const upTo = reachOf(this.#marks.of(thread_id), source);
      const fresh = notices.filter(({ seq }) => seq > upTo);
      const last = fresh.at(-1);
      if (last === undefined) return { events: [], fresh, upTo };
      const mark = { thread_id, epoch, seq: last.seq, deleted: last.type === "thread_deleted" };
      const ended = fresh.flatMap((notice) =>
        notice.ended === undefined ? [] : [entered({ ...notice.ended, thread_id })],
      );
      const events = this.#log.append(
        fresh.map((notice) => ({ ...notice, thread_id })),
        { ...mark, ...(ended.length > 0 && { ended }) },
      );
      this.#trim();
      within(fresh);
      return { events, fresh, upTo: reachOf(mark, source) };
    });
  }

  /** @returns the runs that have started and not ended, as far back as the feed reaches. */
  liveRuns(): FeedReady["data"]["live_runs"] {
    return liveRuns(this.#journal.after(0));
  }

  /**
   * @returns the first frames of a connection: the state of the feed, then everything after the client's
   *   position.
   */
  welcome(position: Position | null): readonly FeedFrame[] {
    const { recovered, after, events } = this.#log.resume(position);
    const ready: FeedReady = {
      type: "feed_ready",
      seq: null,
      context: { user_id: this.#parts.userId, timestamp: timestamp(this.#parts.clock.now()) },
      data: {
        protocol: PROTOCOL_VERSION,
        epoch: this.#log.epoch,
        last_seq: this.#log.lastSeq,
        recovered,
        replay_after: after,
        live_runs: this.liveRuns(),
      },
    };
    return [ready, ...events];
  }

  #trim(): void {
    const last = this.#journal.lastSeq();
    if (last - (this.#journal.firstSeq() ?? last) < JOURNAL_EVENTS) return;
    const forgotten = last - MAX_REPLAY;
    this.#marks.outlive(forgotten);
    this.#parts.ledger.outlive(forgotten);
    this.#journal.trim(forgotten);
  }
}

/** @returns the seq up to which everything of a source was taken; 0 for another epoch than the mark's. */
function reachOf(mark: Mark | null, { epoch }: NoticeSource): number {
  if (mark?.deleted) return Number.MAX_SAFE_INTEGER;
  return mark?.epoch === epoch ? mark.seq : 0;
}
