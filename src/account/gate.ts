/** Decides who is let in: nobody whose session has ended, and no more sockets than the tier allows. */
import type { Clock } from "../core/clock.ts";
import type { Grant } from "../durable/grant.ts";
import { ApexError } from "../protocol/errors.ts";
import type { Closing } from "./closing.ts";
import type { EndedVouchers } from "./ended-vouchers.ts";
import type { OpenSockets } from "./open-sockets.ts";
import type { Quotas } from "./quotas.ts";

/** The least time between two counts of sockets at the threads, in milliseconds. */
const RECOUNT_MS = 10_000;

interface GateParts {
  readonly clock: Clock;
  readonly closing: Closing;
  readonly vouchers: EndedVouchers;
  readonly quotas: Quotas;
  readonly open: OpenSockets;
  /** How many sockets follow the account itself. */
  readonly feeds: () => number;
}

export class Gate {
  readonly #parts: GateParts;
  #recountedAt = 0;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** @throws {ApexError} `session_ended` if the account is closed, or the session or API key has ended. */
  assertVouched({ voucherId }: Pick<Grant, "voucherId">): void {
    const { closing, vouchers } = this.#parts;
    closing.assertOpen();
    if (!vouchers.has(voucherId)) return;
    throw new ApexError("session_ended", "The session has ended. Please sign in again.");
  }

  /**
   * Nothing may be awaited between the end of this check and opening the socket, or the limit would not hold.
   * @param inThreads how many sockets the user has in threads.
   * @throws {ApexError} `session_ended`; `rate_limited` if the tier allows no more sockets.
   */
  async assertRoom({ voucherId, tier }: Grant, inThreads: () => number): Promise<void> {
    const { feeds, quotas } = this.#parts;
    this.assertVouched({ voucherId });
    const assert = () => quotas.assertSockets(tier, inThreads() + feeds());
    try {
      assert();
    } catch {
      // A thread that crashed could not report that its sockets were closed, so the threads are asked.
      await this.#recount();
      this.assertVouched({ voucherId });
      assert();
    }
  }

  async #recount(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now - this.#recountedAt < RECOUNT_MS) return;
    this.#recountedAt = now;
    await this.#parts.open.endVouchers([]);
  }
}
