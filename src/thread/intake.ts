/** The way of every message into the thread: one after the other, each within its user's quotas. */
import type { AccountRpc } from "../account/rpc.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { succeeded } from "../core/outcome.ts";
import type { Grant } from "../durable/grant.ts";
import { reach } from "../durable/reach.ts";
import type { OfferedTool } from "../mcp/connected-tool.ts";
import type { PostMessageBody } from "../protocol/api.ts";
import type { CallerContext } from "../protocol/caller.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Acceptance, Admission } from "./admission.ts";
import type { Announcer } from "./announcer.ts";
import type { OfferedTools } from "./connected-tools.ts";
import type { Deletion } from "./deletion.ts";
import type { RunOrigin } from "./run-origin.ts";
import type { RunRows } from "./run-rows.ts";
import type { Runner } from "./runner.ts";

/** How long a message waits for its user's object, in milliseconds; then it is taken all the same. */
const DEADLINE_MS = 500;
/** For so long after it did not answer nobody waits for it, in milliseconds. */
const AWAY_MS = 5_000;

interface IntakeParts {
  readonly threadId: ThreadId;
  readonly runs: Pick<RunRows, "byClientMessageId" | "waiting">;
  /** A new stub of the user's Account object. */
  readonly account: () => Pick<AccountRpc, "reserve">;
  readonly announcer: Pick<Announcer, "followed">;
  /** The tools of the user's own servers. */
  readonly offered: Pick<OfferedTools, "of">;
  readonly clock: Clock;
  readonly log: Log;
  readonly deletion: Deletion;
  readonly admission: Admission;
  readonly runner: Runner;
  /** Tells everybody what was committed. */
  readonly tell: (events: readonly LoggedEvent[]) => void;
  /** Called when the thread has become busy. */
  readonly onChange: () => void;
}

/** What a message comes with, beside who sends it. */
interface Brought {
  /** What a program of another protocol brought along. */
  readonly caller?: CallerContext | undefined;
  /** The request it comes by. */
  readonly origin?: RunOrigin | undefined;
}

/** What the user's object says to a message, as far as it does. */
interface Room {
  /** What the user's budget leaves for the run, in US$; null for no bound. */
  readonly allowance: number | null;
  readonly serversVersion: string | null;
}

const UNBOUND: Room = { allowance: null, serversVersion: null };

export class Intake {
  readonly #parts: IntakeParts;
  #last: Promise<unknown> = Promise.resolve();
  #awayUntil = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Takes a message in, after all that came before it.
   * @throws {ApexError} `quota_exceeded`, `budget_exceeded`, `session_ended`, `token_expired`, or
   *   what it is refused with; nothing changed.
   */
  async take(message: PostMessageBody, sender: Grant, brought: Brought = {}): Promise<Acceptance> {
    const taken = this.#last.then(async () => {
      const { allowance, serversVersion } = await this.#reserve(message, sender);
      const connected = await this.#parts.offered.of(sender, serversVersion);
      const max_cost_usd = least(message.max_cost_usd, allowance);
      const bounded = { ...message, ...(max_cost_usd !== null && { max_cost_usd }) };
      return this.#accept(bounded, sender, { ...brought, connected });
    });
    this.#last = taken.catch(() => undefined);
    return await taken;
  }

  /** Resolves when every message that came before is taken, or refused. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #accept(
    message: PostMessageBody,
    sender: Grant,
    brought: Brought & { readonly connected: readonly OfferedTool[] },
  ): Acceptance {
    const { admission, deletion, onChange, runner, tell } = this.#parts;
    deletion.assertStanding();
    const acceptance = admission.accept(message, sender, brought);
    if (acceptance.events.length > 0) {
      onChange();
      tell(acceptance.events);
      runner.stop(acceptance.cancelled);
      runner.take(acceptance);
    }
    return acceptance;
  }

  async #reserve(message: PostMessageBody, sender: Grant): Promise<Room> {
    const { client_message_id: id } = message;
    const { threadId, runs, account, announcer, clock, log } = this.#parts;
    // What is said again was counted when it was said first.
    if (id !== undefined && runs.byClientMessageId(id) !== null) return UNBOUND;
    if (clock.now() < this.#awayUntil) return UNBOUND;
    const reservation = { threadId, waiting: runs.waiting().length, sender, full: true as const };
    const outcome = await reach(account, (it) => it.reserve(reservation), DEADLINE_MS).catch(
      (error: unknown) => {
        this.#awayUntil = clock.now() + AWAY_MS;
        log.error("quota.unreached", error);
        announcer.followed = true;
        return { ok: true, value: null } as const;
      },
    );
    const reserved = succeeded(outcome);
    // An object of an earlier version tells the allowance alone.
    if (reserved === null || typeof reserved === "number") {
      return { ...UNBOUND, allowance: reserved };
    }
    announcer.followed = reserved.followed;
    return reserved;
  }
}

function least(asked: number | undefined, left: number | null): number | null {
  if (asked === undefined || left === null) return asked ?? left;
  return Math.min(asked, left);
}
