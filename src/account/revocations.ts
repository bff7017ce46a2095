/** Closes everything that was opened with ended sessions and API keys: the feeds here, and the sockets in threads. */
import type { Clock } from "../core/clock.ts";
import type { Alarm } from "../durable/alarm.ts";
import type { Sockets } from "../durable/sockets.ts";
import type { FeedFrame } from "../protocol/account-feed.ts";
import type { EndedVouchers } from "./ended-vouchers.ts";
import type { OpenSockets } from "./open-sockets.ts";

/** How long to wait before threads that could not be reached are asked again, in milliseconds. */
const AGAIN_MS = 2_000;

interface RevocationsParts {
  readonly vouchers: EndedVouchers;
  readonly feeds: Sockets<FeedFrame>;
  readonly open: OpenSockets;
  readonly alarm: Alarm;
  readonly clock: Clock;
}

export class Revocations {
  readonly #parts: RevocationsParts;

  constructor(parts: RevocationsParts) {
    this.#parts = parts;
  }

  /** @param ids of sessions and API keys that have ended. */
  async revoke(ids: readonly string[]): Promise<void> {
    const { vouchers, feeds } = this.#parts;
    vouchers.end(ids);
    feeds.endVouchers(ids);
    await this.#closeInThreads();
  }

  /** For the object's alarm: closes feeds with expired tokens, and asks threads again that could not be reached. */
  async followUp(): Promise<void> {
    this.#parts.feeds.expire();
    await this.#closeInThreads();
  }

  async #closeInThreads(): Promise<void> {
    const { vouchers, feeds, open, alarm, clock } = this.#parts;
    const ended = vouchers.all();
    const done = ended.length === 0 || (await open.endVouchers(ended));
    if (!done) alarm.by(clock.now() + AGAIN_MS);
    if (feeds.dueAt !== null) alarm.by(feeds.dueAt);
  }
}
