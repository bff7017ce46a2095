/** Opens the thread's sockets, and brings each client up to date: what it missed, and what is being written. */
import type { Clock } from "../core/clock.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import type { Sockets } from "../durable/sockets.ts";
import type { Upgrade } from "../durable/upgrade.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ConnectionReady, ServerFrame } from "../protocol/events.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import {
  MAX_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
  MAX_QUEUED_RUNS,
  MAX_REPLAY,
  MAX_SOCKETS,
} from "../protocol/limits.ts";
import type { Position } from "../protocol/position.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { missing } from "../protocol/written.ts";
import { connectionContext } from "./connection-context.ts";
import type { Presence } from "./presence.ts";
import type { Runner } from "./runner.ts";
import type { CommitNote } from "./thread-journal.ts";
import type { Tickets } from "./tickets.ts";

interface ReceptionParts {
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly clock: Clock;
  readonly log: ThreadLog<CommitNote>;
  readonly tickets: Tickets;
  readonly sockets: Sockets<ServerFrame>;
  readonly runner: Runner;
  readonly presence: Presence;
}

export class Reception {
  readonly #parts: ReceptionParts;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  /**
   * @returns the 101, with a socket that has been greeted already.
   * @throws {ApexError} `token_expired`, `session_ended`, `quota_exceeded`, `rate_limited` or
   *   `token_invalid`; no socket was opened.
   */
  async receive(upgrade: Upgrade): Promise<Response> {
    this.#parts.sockets.sweep();
    this.#assertRoom();
    return await this.#parts.presence.open(upgrade.grant, () => this.#open(upgrade));
  }

  #open(upgrade: Upgrade): Response {
    const { sockets } = this.#parts;
    this.#assertWelcome(upgrade);
    const { client, server } = sockets.accept(upgrade);
    this.greet(server, upgrade.position, upgrade.written);
    const headers = new Headers();
    if (upgrade.subprotocol) headers.set("Sec-WebSocket-Protocol", upgrade.subprotocol);
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  /**
   * Brings a client up to date, when it connects and whenever it asks to resume. Sends `connection_ready`, then
   * the events after its position, then what it lacks of an answer that is still being written.
   * @param written how much of that answer it has already; without it all of the answer is sent.
   */
  greet(socket: WebSocket, position: Position | null, written?: string): void {
    const { log, runner, sockets } = this.#parts;
    const { recovered, after, events } = log.resume(position);
    sockets.acknowledge(socket, after);
    const ready: ConnectionReady = {
      type: "connection_ready",
      seq: null,
      context: connectionContext(this.#parts),
      data: {
        protocol: PROTOCOL_VERSION,
        epoch: log.epoch,
        last_seq: log.lastSeq,
        recovered,
        replay_after: after,
        live_run_id: runner.liveRunId,
        limits: {
          max_frame_bytes: MAX_FRAME_BYTES,
          max_message_length: MAX_MESSAGE_LENGTH,
          max_queued_runs: MAX_QUEUED_RUNS,
          max_replay: MAX_REPLAY,
        },
      },
    };
    sockets.send(socket, ready);
    for (const event of events) sockets.send(socket, event);
    const snapshot = runner.snapshot();
    // A client whose position was not recovered starts over, and may have thrown away the text it had.
    const rest = snapshot && missing(snapshot, recovered ? written : undefined);
    if (rest !== null) sockets.send(socket, rest);
  }

  #assertWelcome({ expiresAt, ticketId }: Upgrade): void {
    const { clock, tickets } = this.#parts;
    const now = Math.floor(clock.now() / 1_000);
    // Used tickets are remembered only until their token runs out, so none may be accepted after that.
    if (expiresAt <= now) {
      throw new ApexError("token_expired", "The token that opens this socket has run out.");
    }
    this.#assertRoom();
    if (ticketId !== null && !tickets.redeem(ticketId, now, expiresAt)) {
      throw new ApexError("token_invalid", "The ticket was used before; ask for another one.");
    }
  }

  #assertRoom(): void {
    if (this.#parts.sockets.count < MAX_SOCKETS) return;
    const detail = `A thread serves at most ${MAX_SOCKETS} connections. Close one first.`;
    throw new ApexError("rate_limited", detail);
  }
}
