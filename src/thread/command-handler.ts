/** Carries out what clients command over their sockets; every command but an ack has an answer. */
import { verifyBearer } from "../auth/authentication.ts";
import { timestamp } from "../core/clock.ts";
import type { Sockets } from "../durable/sockets.ts";
import type { PostMessageBody } from "../protocol/api.ts";
import type { Command } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import type { Context, ServerFrame } from "../protocol/events.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import type { Acceptance } from "./admission.ts";
import { readFrame } from "./frames.ts";
import type { Ports } from "./ports.ts";
import type { Runner } from "./runner.ts";
import type { ThreadJournal } from "./thread-journal.ts";

interface CommandHandlerParts {
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly journal: ThreadJournal;
  readonly sockets: Sockets<ServerFrame>;
  readonly ports: Ports;
  readonly runner: Runner;
  readonly accept: (message: PostMessageBody) => Acceptance;
  readonly greet: (socket: WebSocket, position: Position) => void;
}

export class CommandHandler {
  readonly #parts: CommandHandlerParts;

  constructor(parts: CommandHandlerParts) {
    this.#parts = parts;
  }

  /** Handles one frame. What goes wrong is told in an `error` event; a worn-out token ends the socket. */
  async handle(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    if (!this.#parts.sockets.heard(socket)) return;
    const read = readFrame(frame);
    if (!read.ok) return this.#refuse(socket, read.error, read.command, read.clientMessageId);
    const { command } = read;
    const clientMessageId =
      command.type === "user_message" ? (command.client_message_id ?? null) : null;
    if (this.#isWornOut(socket, command)) {
      const error = new ApexError(
        "token_expired",
        "The token that opened this socket has run out.",
      );
      this.#refuse(socket, error, command.type, clientMessageId);
      return this.#parts.sockets.close(socket, error.code);
    }
    try {
      await this.#carryOut(socket, command);
    } catch (error) {
      if (!(error instanceof ApexError)) {
        this.#parts.ports.log.error("command.failed", error, { command: command.type });
      }
      this.#refuse(socket, ApexError.from(error), command.type, clientMessageId);
    }
  }

  async #carryOut(socket: WebSocket, command: Command): Promise<void> {
    const { accept, greet, journal, runner, sockets } = this.#parts;
    switch (command.type) {
      case "user_message": {
        const { run, events } = accept(command);
        // It cannot be had for nothing, so it is a sign of life from clients that never acknowledge.
        if (events.length > 0) return sockets.trust(socket);
        const told = journal.at(run.accepted_seq);
        if (told !== null) return sockets.send(socket, told);
        // The journal reaches back no further: the history has the message, and its client is told so.
        return greet(socket, { epoch: journal.epoch, after: run.accepted_seq - 1 });
      }
      case "cancel": {
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
          context: this.#context(run.run_id),
          data: { run_id: run.run_id, status: run.status, last_seq: run.ended_seq },
        });
      }
      case "resume":
        return greet(socket, { epoch: command.epoch, after: command.after });
      case "reauthenticate":
        return await this.#reauthenticate(socket, command.token);
      case "ack":
        if (command.seq > journal.lastSeq()) {
          throw new ApexError("invalid_fields", "In the command ack: seq is still to come.", {
            errors: [{ field: "seq", message: "is beyond the last event" }],
          });
        }
        return sockets.acknowledge(socket, command.seq);
      case "approve":
        throw new ApexError("not_found", "No tool call of this thread waits for an approval.", {
          errors: [{ field: "call_id", message: "names no call that waits" }],
        });
      case "ping":
        return sockets.send(socket, { type: "pong" });
    }
  }

  async #reauthenticate(socket: WebSocket, token: string): Promise<void> {
    const { ports, userId, sockets } = this.#parts;
    const tokens = { secret: ports.jwtSecret, clock: ports.clock };
    const principal = await verifyBearer(token, { tokens, issuers: ports.issuers });
    if (principal.userId !== userId) {
      throw new ApexError("forbidden", "The token is another user's.", {
        errors: [{ field: "token", message: "belongs to another user" }],
      });
    }
    sockets.renew(socket, principal.expiresAt);
  }

  /** A socket outlives its token for listening alone, acks included, until it wants something. */
  #isWornOut(socket: WebSocket, command: Command): boolean {
    if (["reauthenticate", "ping", "ack"].includes(command.type)) return false;
    return this.#parts.sockets.expiresAt(socket) * 1_000 <= this.#parts.ports.clock.now();
  }

  #refuse(
    socket: WebSocket,
    error: ApexError,
    command: string | null,
    clientMessageId: string | null,
  ): void {
    this.#parts.sockets.send(socket, {
      type: "error",
      seq: null,
      context: this.#context(null),
      data: { problem: error.toProblem(), command, client_message_id: clientMessageId },
    });
  }

  #context(runId: RunId | null): Context {
    const { userId, threadId, ports } = this.#parts;
    return {
      user_id: userId,
      thread_id: threadId,
      run_id: runId,
      agent: null,
      timestamp: timestamp(ports.clock.now()),
    };
  }
}
