/** The deletion of an account: decided once and for good, then repeated until nothing of the account is left. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import { backoff } from "../core/retry.ts";
import { reach } from "../durable/reach.ts";
import type { DeletionReceipt } from "../protocol/account.ts";
import { ApexError } from "../protocol/errors.ts";
import { ThreadId } from "../protocol/ids.ts";
import { counted } from "../protocol/plural.ts";
import { RowCounts } from "../store/account-rows.ts";
import type { KeptRows } from "./kept-rows.ts";

const KEY = "closing";
/** How many threads are deleted at once. It bounds the memory for users with many threads. */
const BATCH = 20;
/** How long one thread may take to be deleted, in milliseconds. */
const THREAD_MS = 5_000;
/** How long one attempt lasts before it leaves the rest to the next alarm, in milliseconds. */
const TRY_MS = 20_000;
/** How long the request waits for the deletion, and then for the count of what is left, in milliseconds. */
const PATIENCE_MS = 6_000;
const COUNT_MS = 2_000;
/** While the deletion runs, the alarm is always this far ahead, in milliseconds: it resumes after a crash. */
const HEARTBEAT_MS = 30_000;
/** The pauses between attempts, in milliseconds. */
const PAUSES = { initialMs: 1_000, maxMs: 60_000 };

const State = z.object({
  /** When the deletion was decided, in milliseconds since the Unix epoch. */
  at: z.number(),
  /** How many rows there were to delete, as far as could be counted; null until D1 has answered. */
  found: RowCounts.nullable(),
  /**
   * The threads that are being deleted. They are kept here until their objects are erased, because D1 may have
   * forgotten them before.
   */
  batch: z.array(ThreadId),
});
type State = z.infer<typeof State>;

/** What the deletion of an account asks of a thread. */
interface EndingThread {
  /** @returns whether nothing of it is left. */
  destroy(): Promise<boolean>;
}

interface ClosingParts {
  readonly storage: DurableObjectStorage;
  readonly rows: KeptRows;
  /** A new stub of one of the user's threads. */
  readonly thread: (id: ThreadId) => EndingThread;
  /**
   * Makes the user's teams forget what the user spent.
   * @throws if one of them does not answer.
   */
  readonly forget: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The decision is one value in the object's storage, which stays when all else is erased. It holds a time and
 * nothing about the user. Because of it, tokens that have not expired yet are refused, and a late notice of a
 * thread cannot recreate the account.
 */
export class Closing {
  readonly #parts: ClosingParts;
  #state: State | null;
  #isErased = false;
  #failures = 0;
  #driving: Promise<void> | null = null;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
    this.#state = State.nullable().parse(parts.storage.kv.get(KEY) ?? null);
  }

  /** Whether the account was deleted. Then every call is refused, though rows of it may still be there. */
  get isDecided(): boolean {
    return this.#state !== null;
  }

  /** @throws {ApexError} `session_ended` if the account was deleted. */
  assertOpen(): void {
    if (this.isDecided) throw new ApexError("session_ended", "The account was deleted.");
  }

  decide(): void {
    if (this.isDecided) return;
    this.#keep({ at: this.#parts.clock.now(), found: null, batch: [] });
  }

  /** @returns how far the deletion has come after a short wait. It continues in the background. */
  async advance(): Promise<DeletionReceipt> {
    await withDeadline(PATIENCE_MS, () => this.drive()).catch(() => undefined);
    return await this.#receipt();
  }

  /**
   * Continues the deletion for a limited time. A call during that time joins it. Never throws: the object's alarm
   * tries again.
   */
  drive(): Promise<void> {
    this.#driving ??= this.#attempt().finally(() => {
      this.#driving = null;
    });
    return this.#driving;
  }

  async #attempt(): Promise<void> {
    const { clock, log, rows, storage } = this.#parts;
    if (this.#isErased || this.#state === null) return;
    const until = clock.now() + TRY_MS;
    try {
      await storage.setAlarm(clock.now() + HEARTBEAT_MS);
      if (this.#state.found === null) this.#keep({ ...this.#state, found: await rows.count() });
      await rows.seal(timestamp(this.#state.at));
      while (clock.now() < until) {
        if ((await this.#destroyBatch()) || (await rows.empty())) continue;
        if (!(await rows.delete())) continue;
        // Done last: work that is still under way could tell the teams again.
        await this.#parts.forget();
        return await this.#erase();
      }
      await storage.setAlarm(clock.now());
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const pause = backoff(this.#failures, PAUSES);
      log.error("closing.postponed", error, { pause_ms: Math.round(pause) });
      await storage.setAlarm(clock.now() + pause);
    }
  }

  /** @returns false if no thread is left. */
  async #destroyBatch(): Promise<boolean> {
    const { rows, thread } = this.#parts;
    const state = this.#state;
    if (state === null) return false;
    const batch = state.batch.length > 0 ? state.batch : await rows.threads(BATCH);
    if (batch.length === 0) return false;
    this.#keep({ ...state, batch });
    const ends = await Promise.allSettled(
      batch.map((id) =>
        reach(
          () => thread(id),
          (object) => object.destroy(),
          THREAD_MS,
        ),
      ),
    );
    const left = batch.filter((_, index) => {
      const end = ends[index];
      return end?.status !== "fulfilled" || !end.value;
    });
    this.#keep({ ...state, batch: left });
    if (left.length === 0) return true;
    throw new ApexError(
      "unavailable",
      `${counted(left.length, "thread")} could not be deleted yet.`,
      {
        cause: ends.find(({ status }) => status === "rejected"),
      },
    );
  }

  /** Erases everything but the decision. */
  async #erase(): Promise<void> {
    const { log, storage } = this.#parts;
    this.#isErased = true;
    await storage.deleteAlarm();
    const erased = storage.deleteAll();
    if (this.#state !== null) storage.kv.put(KEY, { at: this.#state.at, found: null, batch: [] });
    await erased;
    log.info("account.deleted");
  }

  async #receipt(): Promise<DeletionReceipt> {
    const { clock, rows } = this.#parts;
    const { at, found, batch } = this.#state ?? { at: clock.now(), found: null, batch: [] };
    const counted = await withDeadline(COUNT_MS, () => rows.count()).catch(() => null);
    // For what cannot be counted now, everything that was found counts as left.
    const left = { ...(!this.#isErased && found), ...counted, thread_objects: batch.length };
    const deleted = Object.entries(found ?? {}).map(([kind, count]) => {
      return [kind, Math.max(0, count - (counted?.[kind] ?? count))] as const;
    });
    return {
      deleted_at: timestamp(at),
      complete: this.#isErased,
      deleted: Object.fromEntries(deleted),
      left,
    };
  }

  #keep(state: State): void {
    this.#state = state;
    this.#parts.storage.kv.put(KEY, state);
  }
}
