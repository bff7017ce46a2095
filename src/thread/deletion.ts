/** The end of a thread: decided at once and for good, carried out when the user's feed knows of it. */
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Threads } from "../store/threads.ts";

const DECIDED_AT = "deleted_at";
/** How long one try to delete the thread in D1 may take, in milliseconds. */
const TRY_MS = 2_000;

/** Who has to know of a thread's end, or to forget it, before nothing is left of it. */
interface FinishParts {
  readonly threadId: ThreadId;
  /** Each says whether the feed, or the ledger, has heard of everything. */
  readonly announcer: { flush(): Promise<boolean> };
  readonly summaryCalls: { flush(): Promise<boolean> };
  readonly threads: Pick<Threads, "delete">;
  readonly ports: { readonly log: Log };
}

/**
 * What decides is one value in the object's storage: it survives a death, so that an alarm can bring
 * to its end what was begun. Everything else is erased after the feed was told, for what the feed
 * does not have yet is in the journal.
 */
export class Deletion {
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  #decidedAt: number | null;
  #erased = false;

  constructor(storage: DurableObjectStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
    this.#decidedAt = z
      .number()
      .nullable()
      .parse(storage.kv.get(DECIDED_AT) ?? null);
  }

  /** @returns when the thread was deleted (milliseconds since the Unix epoch), or null. */
  get decidedAt(): number | null {
    return this.#decidedAt;
  }

  get isErased(): boolean {
    return this.#erased;
  }

  /** @throws {ApexError} `not_found` where the thread was deleted. */
  assertStanding(): void {
    if (this.#decidedAt !== null) throw new ApexError("not_found", "The thread was deleted.");
  }

  /** Deletes the thread: it answers nobody from here on. */
  decide(): void {
    if (this.#decidedAt !== null) return;
    this.#decidedAt = this.#clock.now();
    this.#storage.kv.put(DECIDED_AT, this.#decidedAt);
  }

  /** Erases everything, in D1 first, once the user's feed and ledger know; where that fails, it is to be called again. */
  async finish({ announcer, ports, summaryCalls, threadId, threads }: FinishParts): Promise<void> {
    if (this.#erased || !(await announcer.flush()) || !(await summaryCalls.flush())) return;
    try {
      await withDeadline(TRY_MS, () => threads.delete(threadId));
      await this.erase();
    } catch (error) {
      ports.log.error("deletion.postponed", error);
    }
  }

  /** Leaves nothing behind: no row, no alarm. */
  async erase(): Promise<void> {
    this.#decidedAt ??= this.#clock.now();
    this.#erased = true;
    await this.#storage.deleteAlarm();
    await this.#storage.deleteAll();
  }
}
