/** The end of a thread: decided at once and for good, carried out when the user's feed knows of it. */
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";

const DECIDED_AT = "deleted_at";

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

  /** Leaves nothing behind: no row, no alarm. */
  async erase(): Promise<void> {
    this.#decidedAt ??= this.#clock.now();
    this.#erased = true;
    await this.#storage.deleteAlarm();
    await this.#storage.deleteAll();
  }
}
