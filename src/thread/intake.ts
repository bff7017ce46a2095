/** Takes in every message of the thread, in order: checks the user's quotas, has it stored, and starts its run. */
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

/** How long to wait for the user's Account object, in milliseconds. A message is not refused if it is silent. */
const DEADLINE_MS = 500;
/** How long it is not asked again after it was silent, in milliseconds, so that messages do not queue up. */
const AWAY_MS = 5_000;

interface IntakeParts {
  readonly threadId: ThreadId;
  readonly runs: Pick<RunRows, "byClientMessageId" | "waiting">;
  /** Makes a new stub of the user's Account object, which keeps the quotas. */
  readonly account: () => Pick<AccountRpc, "reserve">;
  readonly announcer: Pick<Announcer, "followed">;
  /** The tools of the MCP servers that the user has connected. */
  readonly offered: Pick<OfferedTools, "of">;
  readonly clock: Clock;
  readonly log: Log;
  readonly deletion: Deletion;
  readonly admission: Admission;
  readonly runner: Runner;
  /** Sends committed events to everybody who follows the thread. */
  readonly tell: (events: readonly LoggedEvent[]) => void;
  /** Called when the thread has become busy. */
  readonly onChange: () => void;
}

/** What comes with a message, besides its sender. */
interface Brought {
  /** Its functions and earlier turns, where a client of another protocol (as OpenAI's) sent some. */
  readonly caller?: CallerContext | undefined;
  /** The request it comes by. */
  readonly origin?: RunOrigin | undefined;
}

/** What the user's Account object answers to a message it admits. */
interface Room {
  /** What the user's budget leaves for the run, in US$; null for no bound. */
  readonly allowance: number | null;
  /** Changes whenever the user's connected MCP servers do; null if it is not known. */
  readonly serversVersion: string | null;
}

/** Stands in for that answer where the object was not asked, or was silent. */
const UNBOUND: Room = { allowance: null, serversVersion: null };

export class Intake {
  readonly #parts: IntakeParts;
  #last: Promise<unknown> = Promise.resolve();
  #awayUntil = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Accepts a message, once all earlier ones are accepted or refused.
   * @throws {ApexError} `quota_exceeded`, `budget_exceeded`, `session_ended`, `token_expired`, or what
   *   {@link Admission.accept} refuses it with; then nothing was stored.
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

  /** Resolves once all messages that have come in so far are accepted or refused. */
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
    // A repeated message was counted the first time.
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
    // During an update, an object of the earlier version answers with the allowance alone.
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
