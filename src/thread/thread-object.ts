/** The Durable Object that holds one thread of one user: its sockets, its journal and its runs. */
import { DurableObject } from "cloudflare:workers";
import { attempt, type Outcome } from "../core/outcome.ts";
import { Alarm } from "../durable/alarm.ts";
import type { Grant } from "../durable/grant.ts";
import { logEntries } from "../durable/log-crossing.ts";
import { answerUpgrade } from "../durable/upgrade.ts";
import type { CancelReceipt, DeadLetters, PostMessageBody } from "../protocol/api.ts";
import type { ApprovalReceipt } from "../protocol/approvals.ts";
import type { CallerContext } from "../protocol/caller.ts";
import type { Message, Run } from "../protocol/entities.ts";
import type { MessageId, RunId } from "../protocol/ids.ts";
import type { Report } from "../protocol/report.ts";
import { type GivenDecision, receiptOf } from "./approvals.ts";
import { CommandHandler } from "./command-handler.ts";
import { composeThread, type ThreadParts } from "./compose.ts";
import type { MessageRange } from "./conversation.ts";
import type { ForkPage, ForkPlan, ForkRange } from "./fork.ts";
import type { Unsaved } from "./history-outbox.ts";
import type { ThreadLabels } from "./labels.ts";
import { type LogPage, readLog } from "./log-export.ts";
import type { OpenTurn } from "./open-turn.ts";
import { restoreThread } from "./restore.ts";
import type { Accepted, FoundRun, RunReference, ThreadRpc } from "./rpc.ts";
import type { RunOrigin } from "./run-origin.ts";
import type { CopiedRun } from "./run-row.ts";
import { ThreadReader } from "./thread-reader.ts";
import { scheduleWake } from "./wake.ts";
import { toReceipt } from "./wire-run.ts";

/** Receives what the platform delivers, and passes it on; `compose.ts` shows who does the work. */
export class Thread extends DurableObject<Cloudflare.Env> implements ThreadRpc {
  readonly #parts: ThreadParts;
  readonly #reader: ThreadReader;
  readonly #commands: CommandHandler;
  readonly #alarm: Alarm;

  static {
    logEntries(Thread.prototype, (thread) => {
      const { userId, threadId } = thread.#parts;
      return { user_id: userId, thread_id: threadId };
    });
  }

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#alarm = new Alarm(ctx);
    this.#parts = composeThread(ctx, env, () => this.#schedule());
    this.#reader = new ThreadReader(this.#parts);
    this.#commands = new CommandHandler({
      ...this.#parts,
      greet: (...asked) => this.#parts.reception.greet(...asked),
    });
    // Whatever the object was woken for, a run that was cut off when it last died is resumed first.
    if (this.#isDeleted) this.#parts.runner.release();
    this.#parts.runner.ensure();
  }

  /** A deleted thread answers nobody any more, even while some of its rows still have to be removed. */
  get #isDeleted(): boolean {
    return this.#parts.deletion.decidedAt !== null;
  }

  /** Opens a socket. The Worker has authenticated the client: see {@link answerUpgrade}. */
  override async fetch(request: Request): Promise<Response> {
    const { deletion, ports, presence, reception, sockets } = this.#parts;
    return answerUpgrade(request, ports.log, async (upgrade) => {
      deletion.assertStanding();
      const answer = await reception.receive(upgrade);
      // Usually a new socket needs nothing but the check of its token, so no full schedule is worked out.
      this.#alarm.by(sockets.dueAt ?? upgrade.expiresAt * 1_000);
      if (presence.dueAt !== null) this.#schedule();
      return answer;
    });
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    if (this.#isDeleted) return;
    await this.#commands.handle(socket, frame);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#parts.sockets.release(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#parts.sockets.close(socket, "too_large");
  }

  /** Does what nobody comes by to trigger: resumes a run that was cut off, and sends rows on to D1. */
  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#schedule();
    if (this.#isDeleted) return await this.#parts.deletion.finish(this.#parts);
    const { announcer, deletion, fork, presence, relay, runner, sockets, summaryCalls } =
      this.#parts;
    // A fork that was never finished: no client has heard of it, so it is erased without telling anybody.
    if (await fork.isAbandoned()) return await deletion.erase();
    sockets.sweep();
    sockets.expire();
    runner.ensure();
    const told = [announcer.flush(), presence.flush(), summaryCalls.flush()];
    await Promise.all([relay.flushInTime(), ...told]);
    this.#schedule();
  }

  async postMessage(
    message: PostMessageBody,
    sender: Grant,
    caller?: CallerContext,
    origin?: RunOrigin,
  ): Promise<Outcome<Accepted>> {
    return attempt(async () => {
      const { run, events } = await this.#parts.intake.take(message, sender, { caller, origin });
      return this.#reader.accepted(run, events.length === 0);
    });
  }

  async findRun(by: RunReference): Promise<FoundRun | null> {
    return this.#reader.findRun(by);
  }

  async endOf(runId: RunId): Promise<number | null> {
    return this.#reader.endOf(runId);
  }

  async openTurn(runId: RunId | null): Promise<OpenTurn | null> {
    return this.#reader.openTurn(runId);
  }

  async readRun(runId: RunId): Promise<Run | null> {
    return this.#reader.run(runId);
  }

  async readReport(runId: RunId): Promise<Report | null> {
    return this.#reader.report(runId);
  }

  async cancelRun(runId: RunId): Promise<CancelReceipt | null> {
    const row = this.#isDeleted ? null : await this.#parts.runner.cancel(runId);
    return row && toReceipt(row, this.#parts.threadId);
  }

  async approve(decision: GivenDecision, by: Grant): Promise<Outcome<ApprovalReceipt>> {
    return attempt(() => receiptOf(this.#parts.approvals.decide(decision, by)));
  }

  async unsaved(): Promise<Unsaved | null> {
    return this.#reader.unsaved();
  }

  async isKnown(): Promise<boolean> {
    return this.#reader.isKnown;
  }

  async readMessages(range: MessageRange): Promise<Message[]> {
    return this.#reader.messages(range);
  }

  async readLog(after: number | null): Promise<Outcome<LogPage>> {
    return attempt(() => {
      this.#parts.deletion.assertStanding();
      return readLog({ ...this.#parts, sql: this.ctx.storage.sql }, after);
    });
  }

  async planFork(messageId: MessageId): Promise<Outcome<ForkPlan>> {
    return attempt(() => {
      this.#parts.deletion.assertStanding();
      return this.#parts.fork.plan(messageId);
    });
  }

  async readFork(range: ForkRange): Promise<CopiedRun[]> {
    return this.#isDeleted ? [] : this.#parts.fork.read(range);
  }

  async takeFork(page: ForkPage): Promise<void> {
    this.#parts.deletion.assertStanding();
    this.#parts.fork.take(page);
    this.#schedule();
  }

  async openFork(labels: ThreadLabels): Promise<void> {
    if (!this.#isDeleted) await this.#sending(() => this.#parts.fork.open(labels));
  }

  async deadLetters(): Promise<DeadLetters> {
    return this.#isDeleted ? { data: [], total: 0 } : this.#parts.deadLetters.list();
  }

  async replayDeadLetters(): Promise<number> {
    return this.#isDeleted ? 0 : await this.#sending(() => this.#parts.deadLetters.replay());
  }

  async restoreHistory(): Promise<number> {
    return this.#isDeleted ? 0 : await this.#sending(() => restoreThread(this.#parts));
  }

  async label(labels: ThreadLabels): Promise<void> {
    if (!this.#isDeleted) this.#parts.labels.write(labels);
  }

  async announceUpdate(labels: ThreadLabels): Promise<void> {
    if (this.#isDeleted) return;
    const updated = this.ctx.storage.transactionSync(() => {
      this.#parts.labels.write(labels);
      this.#parts.outbox.trimJournal();
      return this.#parts.log.append([
        { type: "thread_updated", run_id: null, agent: null, data: labels },
      ]);
    });
    this.#schedule();
    this.#parts.tell(updated);
  }

  async endVouchers(ids: readonly string[]): Promise<number> {
    this.#parts.presence.endVouchers(ids);
    this.#parts.sockets.endVouchers(ids);
    return this.#parts.sockets.count;
  }

  async destroy(only?: "silent"): Promise<boolean> {
    if (only === "silent" && this.#reader.isKnown) return false;
    this.#parts.deletion.decide();
    this.#schedule();
    this.#parts.runner.release();
    this.#parts.sockets.closeAll("not_found");
    await this.#parts.deletion.finish(this.#parts);
    return this.#parts.deletion.isErased;
  }

  /** Puts rows into the outbox, then gives it a bounded time to bring them to D1. */
  async #sending<Sent>(put: () => Sent | Promise<Sent>): Promise<Sent> {
    const sent = await put();
    this.#schedule();
    await this.#parts.relay.flushInTime();
    this.#schedule();
    return sent;
  }

  #schedule(): void {
    scheduleWake(this.#parts, this.#alarm);
  }
}
