/** Tells the user's object how many sockets the thread holds, and asks it before there is one more. */
import type { AccountRpc } from "../account/rpc.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Grant } from "../durable/grant.ts";
import { reach } from "../durable/reach.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";

/** How long a socket waits for its user's object, in milliseconds; then it is opened all the same. */
const DEADLINE_MS = 500;
/** Until a report that failed is tried again, in milliseconds. */
const AGAIN_MS = 5_000;
/** Sessions and keys that ended are remembered while sockets may be waiting to be opened by them. */
const MOST_ENDED = 1_000;

interface PresenceParts {
  readonly threadId: ThreadId;
  /** A new stub of the user's Account object. */
  readonly account: () => Pick<AccountRpc, "openSocket" | "socketsOf" | "admit">;
  /** How many sockets are open. */
  readonly count: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

export class Presence {
  readonly #parts: PresenceParts;
  /** Sockets that were asked for and are not open yet. */
  #opening = 0;
  /** How many the user's object was told of; null where this life of the thread told it nothing. */
  #told: number | null = null;
  #changed = false;
  #retryAt: number | null = null;
  #flushing: Promise<void> | null = null;
  readonly #ended = new Set<string>();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** @returns when to flush again (milliseconds since the Unix epoch), or null where nothing waits. */
  get dueAt(): number | null {
    return this.#changed ? (this.#retryAt ?? this.#parts.clock.now()) : null;
  }

  /**
   * Asks for a socket, and has it opened: at once where the answer is yes, or does not come.
   * @throws {ApexError} `session_ended` or `quota_exceeded`, and what opening throws.
   */
  async open<Socket>(caller: Grant, open: () => Socket): Promise<Socket> {
    const { threadId } = this.#parts;
    this.#opening += 1;
    const sockets = this.#parts.count() + this.#opening;
    try {
      const isTold = await this.#ask((it) => it.openSocket(threadId, sockets, caller));
      this.#told = isTold ? sockets : null;
      if (this.#ended.has(caller.voucherId)) throw new ApexError("session_ended", ENDED);
      return open();
    } finally {
      this.#opening -= 1;
      this.change();
    }
  }

  /** @throws {ApexError} `session_ended` where what vouches for a caller has ended. */
  async assertVouched(caller: Grant): Promise<void> {
    await this.#ask((it) => it.admit(caller));
  }

  /** No socket opens for these any more. */
  endVouchers(ids: readonly string[]): void {
    if (this.#ended.size > MOST_ENDED) this.#ended.clear();
    for (const id of ids) this.#ended.add(id);
  }

  /** To be called when a socket was opened or is gone. @returns whether there is something to tell. */
  change(): boolean {
    this.#changed = this.#told !== this.#parts.count();
    return this.#changed;
  }

  /** Tells how many sockets there are, unless a failure tells to wait longer. Never throws. */
  async flush(): Promise<void> {
    const { clock } = this.#parts;
    if (!this.#changed || (this.#retryAt !== null && clock.now() < this.#retryAt)) return;
    this.#flushing ??= this.#report().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async #report(): Promise<void> {
    const { account, clock, count, log, threadId } = this.#parts;
    try {
      while (this.change()) {
        const sockets = count();
        await reach(account, (it) => it.socketsOf(threadId, sockets), DEADLINE_MS);
        this.#told = sockets;
      }
      this.#retryAt = null;
    } catch (error) {
      this.#retryAt = clock.now() + AGAIN_MS;
      log.error("sockets.untold", error);
    }
  }

  /** @returns whether there was an answer. @throws {ApexError} what was refused. */
  async #ask<Value>(
    question: (account: ReturnType<PresenceParts["account"]>) => Promise<Outcome<Value>>,
  ): Promise<boolean> {
    const { account, log } = this.#parts;
    const outcome = await reach(account, question, DEADLINE_MS).catch((error: unknown) => {
      log.error("account.unreached", error);
      return null;
    });
    if (outcome?.ok === false) throw ApexError.fromProblem(outcome.problem);
    return outcome !== null;
  }
}

const ENDED = "The session has ended. Please sign in again.";
