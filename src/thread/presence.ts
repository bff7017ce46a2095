/** Keeps the user's Account object informed of how many sockets this thread has open, and asks it before opening one. */
import type { AccountRpc } from "../account/rpc.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Grant } from "../durable/grant.ts";
import { reach } from "../durable/reach.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";

/** How long to wait for the Account object, in milliseconds. A socket is opened even if it is silent. */
const DEADLINE_MS = 500;
/** The pause before a failed report is tried again, in milliseconds. */
const AGAIN_MS = 5_000;
/** How many ended sessions and API keys are remembered, for sockets that are just being opened with them. */
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
  /** How many sockets are waiting for the Account object's answer. */
  #opening = 0;
  /** The count that the Account object last got; null if it may have another than we think. */
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
   * Opens a socket if the Account object admits one more, or does not answer in time.
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

  /** @throws {ApexError} `session_ended` if the session or API key of a caller has ended. */
  async assertVouched(caller: Grant): Promise<void> {
    await this.#ask((it) => it.admit(caller));
  }

  /** From now on no socket is opened with these sessions or API keys. */
  endVouchers(ids: readonly string[]): void {
    if (this.#ended.size > MOST_ENDED) this.#ended.clear();
    for (const id of ids) this.#ended.add(id);
  }

  /** To be called when a socket was opened or has ended. @returns whether {@link flush} has something to do. */
  change(): boolean {
    this.#changed = this.#told !== this.#parts.count();
    return this.#changed;
  }

  /** Reports the number of sockets, unless it is still backing off after a failure. Never throws. */
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
