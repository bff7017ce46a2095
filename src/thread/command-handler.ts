/** Carries out what clients command over their sockets; every command but an ack has an answer. */

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
  /** Sockets whose new token is being checked: what follows it stands on that one. */
  readonly #renewing = new WeakMap<WebSocket, Promise<void>>();

  constructor(parts: CommandHandlerParts) {
    this.#parts = parts;
  }

  /** Handles one frame. What goes wrong is told in an `error` event; a worn-out token ends the socket. */
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
      // Only of a token that is offered in its place the socket does not end.
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
        // It cannot be had for nothing, so it is a sign of life from clients that never acknowledge.
        if (events.length > 0) return sockets.trust(socket);
        const told = journal.at(run.accepted_seq);
        if (told !== null) return sockets.send(socket, told);
        // The journal reaches back no further: the history has the message, and its client is told so.
        return greet(socket, { epoch: journal.epoch, after: run.accepted_seq - 1 });
      }
      case "cancel": {
        this.#mayRun(socket);
        // It may be for a message that was sent just before.
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
        // Everybody is told of a decision once: who says it again is told alone.
        if (decided.seq <= last) sockets.send(socket, decided);
        return;
      }
      case "ping":
        return sockets.send(socket, { type: "pong" });
    }
  }

  /** A socket outlives the request that opened it, so each message begins a trace of its own. */
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

  /** @throws {ApexError} `forbidden` where a socket may follow runs, but neither begin nor stop them. */
  #mayRun(socket: WebSocket): Grant {
    const grant = this.#parts.sockets.standing(socket)?.grant;
    if (grant === undefined) throw new ApexError("session_ended", "This socket is closed.");
    assertPermitted(grant.scopes, "runs:write");
    return grant;
  }

  /** Refuses what is too much; who goes on all the same loses the socket. */
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
   * A socket outlives its token for listening alone, acks included, until it wants something.
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
