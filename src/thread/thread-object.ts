/** The Thread object: one conversation of one user, its sockets, its journal and its runs. */
import { DurableObject } from "cloudflare:workers";
import type { Outcome } from "../core/outcome.ts";
import type { CancelReceipt, DeadLetters, PostMessageBody } from "../protocol/api.ts";
import type { Message, Run } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Acceptance } from "./admission.ts";
import { CommandHandler } from "./command-handler.ts";
import { composeThread, type ThreadParts } from "./compose.ts";
import type { MessageRange } from "./conversation.ts";
import type { Unsaved } from "./history-outbox.ts";
import type { ThreadLabels } from "./labels.ts";
import { answerOf } from "./messages.ts";
import { type Accepted, readUpgrade, type ThreadRpc } from "./rpc.ts";
import { toReceipt, toRun } from "./wire-run.ts";

/** While a run is under way an alarm stands this far ahead, in milliseconds, to find it if it dies. */
const HEARTBEAT_MS = 5_000;

export class Thread extends DurableObject<Cloudflare.Env> implements ThreadRpc {
  readonly #parts: ThreadParts;
  readonly #commands: CommandHandler;
  /** When the alarm rings; undefined while one that an earlier life set may still stand. */
  #alarmAt: number | null | undefined;
  #destroyed = false;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#parts = composeThread(ctx, env, () => this.#schedule());
    this.#commands = new CommandHandler({
      ...this.#parts,
      accept: (message) => this.#accept(message),
      greet: (socket, position) => this.#parts.reception.greet(socket, position),
    });
    // Whatever woke the object: a run that an earlier life left unfinished is taken up first.
    this.#parts.runner.ensure();
  }

  /** The upgrade, as the Worker has authenticated it. */
  override async fetch(request: Request): Promise<Response> {
    try {
      const upgrade = readUpgrade(request);
      if (this.#destroyed) throw gone();
      return this.#parts.reception.receive(upgrade);
    } catch (error) {
      if (!(error instanceof ApexError)) this.#parts.ports.log.error("upgrade.failed", error);
      const problem = ApexError.from(error).toProblem();
      return Response.json(problem, { status: problem.status });
    }
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    if (this.#destroyed) return;
    await this.#commands.handle(socket, frame);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#parts.sockets.release(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.sockets.close(socket, "too_large");
  }

  /** Wakes the object where nobody else does: finds a run without a loop, and rows without a home. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    if (this.#destroyed) return;
    this.#parts.sockets.sweep();
    this.#parts.runner.ensure();
    this.#schedule();
    await this.#parts.relay.flushInTime();
    this.#schedule();
  }

  async postMessage(message: PostMessageBody): Promise<Outcome<Accepted>> {
    if (this.#destroyed) return { ok: false, problem: gone().toProblem() };
    try {
      const { run } = this.#accept(message);
      return {
        ok: true,
        value: {
          thread_id: this.#parts.threadId,
          message_id: run.message_id,
          run_id: run.run_id,
          position: { epoch: this.#parts.log.epoch, after: run.accepted_seq - 1 },
        },
      };
    } catch (error) {
      if (!(error instanceof ApexError)) throw error;
      return { ok: false, problem: error.toProblem() };
    }
  }

  async readRun(runId: RunId): Promise<Run | null> {
    const row = this.#destroyed ? null : this.#parts.runs.get(runId);
    return row && toRun(row, this.#parts.threadId);
  }

  async cancelRun(runId: RunId): Promise<CancelReceipt | null> {
    const row = this.#destroyed ? null : await this.#parts.runner.cancel(runId);
    return row && toReceipt(row, this.#parts.threadId);
  }

  async unsaved(): Promise<Unsaved> {
    if (this.#destroyed) return { messages: [], supersessions: [] };
    const { messages, supersessions } = this.#parts.outbox.unsaved();
    const live = this.#parts.runs.next();
    const answer = live && answerOf(live, this.#parts.threadId);
    const isKnown = answer === null || messages.some(({ id }) => id === answer.id);
    return { messages: this.#withLive(isKnown ? messages : [...messages, answer]), supersessions };
  }

  async isKnown(): Promise<boolean> {
    return !this.#destroyed && !this.#parts.runs.isEmpty;
  }

  async readMessages(range: MessageRange): Promise<Message[]> {
    if (this.#destroyed) return [];
    return this.#withLive(this.#parts.conversation.messages(range));
  }

  async deadLetters(): Promise<DeadLetters> {
    return this.#destroyed ? { data: [], total: 0 } : this.#parts.deadLetters.list();
  }

  async replayDeadLetters(): Promise<number> {
    if (this.#destroyed) return 0;
    const replayed = this.#parts.deadLetters.replay();
    this.#schedule();
    await this.#parts.relay.flushInTime();
    return replayed;
  }

  async label(labels: ThreadLabels): Promise<void> {
    if (!this.#destroyed) this.#parts.labels.write(labels);
  }

  async announceUpdate(labels: ThreadLabels): Promise<void> {
    if (this.#destroyed) return;
    const updated = this.ctx.storage.transactionSync(() => {
      this.#parts.labels.write(labels);
      this.#parts.outbox.trimJournal();
      return this.#parts.log.append([
        { type: "thread_updated", run_id: null, agent: null, data: labels },
      ]);
    });
    this.#parts.sockets.broadcast(updated);
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    this.#parts.runner.release();
    this.#parts.sockets.closeAll("not_found");
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  #accept(message: PostMessageBody): Acceptance {
    const acceptance = this.#parts.admission.accept(message);
    if (acceptance.events.length > 0) {
      this.#schedule();
      this.#parts.sockets.broadcast(acceptance.events);
      this.#parts.runner.stop(acceptance.cancelled);
      this.#parts.runner.take(acceptance.run);
    }
    return acceptance;
  }

  /** @returns the messages, the answer that is being written with all that was written of it. */
  #withLive(messages: readonly Message[]): Message[] {
    const live = this.#parts.runner.snapshot();
    return messages.map((message) =>
      message.id === live?.message_id && message.status === "streaming"
        ? { ...message, content: live.text }
        : message,
    );
  }

  /** Sets the one alarm to the nearest thing to do, and none where the thread may sleep. */
  #schedule(): void {
    if (this.#destroyed) return;
    const now = this.#parts.ports.clock.now();
    const due = [
      this.#parts.runs.next() === null ? null : now + HEARTBEAT_MS,
      this.#parts.relay.dueAt === null
        ? null
        : Math.max(this.#parts.relay.dueAt, now + HEARTBEAT_MS),
    ].filter((at) => at !== null);
    const { storage } = this.ctx;
    if (due.length === 0) {
      this.#parts.outbox.keepSaved();
      if (this.#alarmAt !== null) this.ctx.waitUntil(storage.deleteAlarm());
      this.#alarmAt = null;
      return;
    }
    const at = Math.min(...due);
    if (typeof this.#alarmAt === "number" && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(storage.setAlarm(at));
  }
}

function gone(): ApexError {
  return new ApexError("not_found", "The thread was deleted.");
}
