/** Carries out the commands that clients send over their sockets. Every command but `ack` is answered. */
import { verifyBearer } from "../auth/authentication.ts";
import { assertPermitted } from "../auth/permission.ts";
import type { Clock } from "../core/clock.ts";
import { errorTypeOf } from "../core/gen-ai.ts";
import { type Grant, grantOf } from "../durable/grant.ts";
import type { Sockets } from "../durable/sockets.ts";
import type { Command } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/events.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { addToLogContext, logContext } from "../telemetry/log.ts";
import type { Approvals } from "./approvals.ts";
import { CommandRate, MAX_COMMANDS } from "./command-rate.ts";
import { connectionContext, errorEvent } from "./connection-context.ts";
import { readFrame } from "./frames.ts";
import type { Intake } from "./intake.ts";
import type { Ports } from "./ports.ts";
import type { Presence } from "./presence.ts";
import type { Runner } from "./runner.ts";
import type { ThreadJournal } from "./thread-journal.ts";

interface CommandHandlerParts {
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly journal: ThreadJournal;
  readonly sockets: Sockets<ServerFrame>;
  readonly clock: Clock;
  readonly ports: Ports;
  readonly runner: Runner;
  readonly intake: Intake;
  readonly approvals: Approvals;
  readonly presence: Presence;
  readonly greet: (socket: WebSocket, position: Position, written?: string) => void;
}

export class CommandHandler {
  readonly #parts: CommandHandlerParts;
  readonly #rate = new CommandRate();
  /** Sockets whose new token is still being checked. Their next commands wait, and are judged by that token. */
  readonly #renewing = new WeakMap<WebSocket, Promise<void>>();

  constructor(parts: CommandHandlerParts) {
    this.#parts = parts;
  }

  /** Handles one frame. Failures are told by an `error` event; only an expired token also ends the socket. */
  async handle(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    const { sockets } = this.#parts;
    if (!sockets.heard(socket)) return;
    addToLogContext({ request_id: sockets.standing(socket)?.requestId });
    if (!this.#isWithinRate(socket)) return;
    const read = readFrame(frame);
    if (!read.ok) return this.#refuse(socket, read.error, read.command, read.clientMessageId);
    const { command } = read;
    const renewing = this.#renewing.get(socket);
    if (renewing !== undefined) await renewing.catch(() => undefined);
    const clientMessageId =
      command.type === "user_message" ? (command.client_message_id ?? null) : null;
    try {
      this.#assertNotWornOut(socket, command);
      await this.#carryOut(socket, command);
    } catch (error) {
      if (!(error instanceof ApexError)) {
        this.#parts.ports.log.error("command.failed", error, { command: command.type });
      }
      const failure = ApexError.from(error);
      this.#refuse(socket, failure, command.type, clientMessageId);
      // `reauthenticate` may fail because the offered token is expired: the socket's own may still be good.
      if (failure.code === "token_expired" && command.type !== "reauthenticate") {
        this.#parts.sockets.close(socket, failure.code);
      }
    }
  }

  async #carryOut(socket: WebSocket, command: Command): Promise<void> {
    const { approvals, greet, intake, journal, runner, sockets } = this.#parts;
    switch (command.type) {
      case "user_message": {
        const { run, events } = await this.#take(command, this.#mayRun(socket));
        // Clients that never send `ack` prove with a new message that they are alive and read.
        if (events.length > 0) return sockets.trust(socket);
        const told = journal.at(run.accepted_seq);
        if (told !== null) return sockets.send(socket, told);
        // The event was trimmed from the journal: the client is told `recovered: false`, and loads the history.
        return greet(socket, { epoch: journal.epoch, after: run.accepted_seq - 1 });
      }
      case "cancel": {
        this.#mayRun(socket);
        // The run to cancel may belong to a message that is still being accepted.
        await intake.settled();
        const runId = command.run_id ?? runner.liveRunId;
        const run = runId && (await runner.cancel(runId));
        if (run === null) {
          throw new ApexError("not_found", "There is no such run in this thread to cancel.", {
            errors: [{ field: "run_id", message: "names no run of this thread" }],
          });
        }
        return sockets.send(socket, {
          type: "cancel_accepted",
          seq: null,
          context: connectionContext(this.#parts, run.run_id),
          data: { run_id: run.run_id, status: run.status, last_seq: run.ended_seq },
        });
      }
      case "resume":
        return greet(socket, { epoch: command.epoch, after: command.after }, command.written);
      case "reauthenticate":
        return await this.#renew(socket, command.token);
      case "ack":
        if (command.seq > journal.lastSeq()) {
          throw new ApexError("invalid_fields", "In the command ack: seq is still to come.", {
            errors: [{ field: "seq", message: "is beyond the last event" }],
          });
        }
        return sockets.acknowledge(socket, command.seq);
      case "approve": {
        const grant = this.#mayRun(socket);
        const { call_id: callId, decision } = command;
        const last = journal.lastSeq();
        const decided = approvals.decide({ runId: null, callId, decision }, grant);
        // A new decision was broadcast already; one that was made before is repeated to this client alone.
        if (decided.seq <= last) sockets.send(socket, decided);
        return;
      }
      case "ping":
        return sockets.send(socket, { type: "pong" });
    }
  }

  /** Accepts a message, in a trace of its own: the request that opened the socket may be long over. */
  async #take(command: Extract<Command, { type: "user_message" }>, sender: Grant) {
    const { intake, ports, threadId, userId } = this.#parts;
    const { request_id } = logContext();
    const span = ports.telemetry.tracer.start("socket user_message", null, {
      kind: "server",
      attributes: {
        "gen_ai.conversation.id": threadId,
        "user.id": userId,
        "apex.request_id": request_id,
      },
    });
    addToLogContext({ trace_id: span.context?.traceId });
    try {
      const origin = { request_id: request_id ?? null, trace: span.context };
      const acceptance = await intake.take(command, sender, { origin });
      span.end();
      return acceptance;
    } catch (error) {
      span.end(errorTypeOf(error));
      throw error;
    }
  }

  async #renew(socket: WebSocket, token: string): Promise<void> {
    const renewing = this.#reauthenticate(socket, token).finally(() => {
      this.#renewing.delete(socket);
    });
    this.#renewing.set(socket, renewing);
    await renewing;
  }

  async #reauthenticate(socket: WebSocket, token: string): Promise<void> {
    const { ports, presence, userId, sockets } = this.#parts;
    const { authority: tokens, issuers } = ports;
    const principal = await verifyBearer(token, { tokens, issuers });
    if (principal.userId !== userId) {
      throw new ApexError("forbidden", "The token is another user's.", {
        errors: [{ field: "token", message: "belongs to another user" }],
      });
    }
    const grant = grantOf(principal);
    await presence.assertVouched(grant);
    sockets.renew(socket, { expiresAt: principal.expiresAt, grant });
  }

  /** @throws {ApexError} `forbidden` if the socket may only follow runs, not start or stop them. */
  #mayRun(socket: WebSocket): Grant {
    const grant = this.#parts.sockets.standing(socket)?.grant;
    if (grant === undefined) throw new ApexError("session_ended", "This socket is closed.");
    assertPermitted(grant.scopes, "runs:write");
    return grant;
  }

  /** Refuses commands past the rate limit, and closes the socket of a client that keeps sending regardless. */
  #isWithinRate(socket: WebSocket): boolean {
    const { ports, sockets } = this.#parts;
    const verdict = this.#rate.count(socket, ports.clock.now());
    if (verdict === "within") return true;
    const detail = `A connection may send ${MAX_COMMANDS} commands a minute. Please wait.`;
    const error = new ApexError("rate_limited", detail, { retryAfter: 60 });
    this.#refuse(socket, error, null, null);
    if (verdict === "abuse") sockets.close(socket, error.code);
    return false;
  }

  /**
   * After its token has run out a socket may still listen, until it is closed by the alarm, but not command.
   * @throws {ApexError} `token_expired`.
   */
  #assertNotWornOut(socket: WebSocket, command: Command): void {
    if (["reauthenticate", "ping", "ack"].includes(command.type)) return;
    const { ports, sockets } = this.#parts;
    const expiresAt = sockets.standing(socket)?.expiresAt ?? 0;
    if (expiresAt * 1_000 > ports.clock.now()) return;
    throw new ApexError("token_expired", "The token that opened this socket has run out.");
  }

  #refuse(
    socket: WebSocket,
    error: ApexError,
    command: string | null,
    clientMessageId: string | null,
  ): void {
    const about = { command, clientMessageId };
    this.#parts.sockets.send(socket, errorEvent(this.#parts, error, about));
  }
}
