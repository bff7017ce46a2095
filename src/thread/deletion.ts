/** The deletion of a thread: decided once and for good, carried out when the user's feed has been told. */
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Threads } from "../store/threads.ts";

const DECIDED_AT = "deleted_at";
/** How long one attempt to delete the thread in D1 may take, in milliseconds. */
const TRY_MS = 2_000;

/** What has to be told, or to forget the thread, before it is erased. */
interface FinishParts {
  readonly threadId: ThreadId;
  /** Each tells whether the feed, or the ledger, has received everything. */
  readonly announcer: { flush(): Promise<boolean> };
  readonly summaryCalls: { flush(): Promise<boolean> };
  readonly threads: Pick<Threads, "delete">;
  readonly ports: { readonly log: Log };
}

/**
 * The decision is one value in the object's storage, so an alarm can finish the deletion after a crash.
 * Everything else is erased only after the feed was told, because notices that it lacks are read from the
 * journal.
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

  /** When the deletion was decided (milliseconds since the Unix epoch), or null. */
  get decidedAt(): number | null {
    return this.#decidedAt;
  }

  get isErased(): boolean {
    return this.#erased;
  }

  /** @throws {ApexError} `not_found` if the thread was deleted. */
  assertStanding(): void {
    if (this.#decidedAt !== null) throw new ApexError("not_found", "The thread was deleted.");
  }

  /** Decides the deletion. From now on the thread refuses every request. */
  decide(): void {
    if (this.#decidedAt !== null) return;
    this.#decidedAt = this.#clock.now();
    this.#storage.kv.put(DECIDED_AT, this.#decidedAt);
  }

  /** Erases everything, first in D1, once the user's feed and ledger have been told. If that fails, call it again. */
  async finish({ announcer, ports, summaryCalls, threadId, threads }: FinishParts): Promise<void> {
    if (this.#erased || !(await announcer.flush()) || !(await summaryCalls.flush())) return;
    try {
      await withDeadline(TRY_MS, () => threads.delete(threadId));
      await this.erase();
    } catch (error) {
      ports.log.error("deletion.postponed", error);
    }
  }

  /** Erases all rows and the alarm. */
  async erase(): Promise<void> {
    this.#decidedAt ??= this.#clock.now();
    this.#erased = true;
    await this.#storage.deleteAlarm();
    await this.#storage.deleteAll();
  }
}
