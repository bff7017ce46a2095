/** The Thread object: one conversation of one user, its sockets, its journal and its runs. */
import { DurableObject } from "cloudflare:workers";
import type { Outcome } from "../core/outcome.ts";
import { type ThreadLog, threadLog } from "../core/thread-log.ts";
import { openTables } from "../durable/schema.ts";
import { Sockets } from "../durable/sockets.ts";
import type { CancelReceipt, DeadLetters, PostMessageBody } from "../protocol/api.ts";
import type { Message, Run } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import { type RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { MAX_REPLAY } from "../protocol/limits.ts";
import { History } from "../store/history.ts";
import { type Acceptance, Admission } from "./admission.ts";
import { CommandHandler } from "./command-handler.ts";
import { answerOf } from "./history-rows.ts";
import { OutboxRows } from "./outbox-rows.ts";
import { type Ports, portsOf } from "./ports.ts";
import { Reception } from "./reception.ts";
import { Relay } from "./relay.ts";
import { type Accepted, readUpgrade, type ThreadRpc } from "./rpc.ts";
import { RunRows } from "./run-rows.ts";
import { Runner } from "./runner.ts";
import { SCHEMA, Tickets } from "./sql.ts";
import { ThreadJournal } from "./thread-journal.ts";
import { toReceipt, toRun } from "./wire-run.ts";

/** While a run is under way an alarm stands this far ahead, in milliseconds, to find it if it dies. */
const HEARTBEAT_MS = 5_000;

export class Thread extends DurableObject<Cloudflare.Env> implements ThreadRpc {
  readonly #userId: UserId;
  readonly #threadId: ThreadId;
  readonly #ports: Ports;
  readonly #journal: ThreadJournal;
  readonly #log: ThreadLog<never>;
  readonly #runs: RunRows;
  readonly #outbox: OutboxRows;
  readonly #sockets: Sockets;
  readonly #relay: Relay;
  readonly #admission: Admission;
  readonly #runner: Runner;
  readonly #reception: Reception;
  readonly #commands: CommandHandler;
  /** When the alarm rings; undefined while one that an earlier life set may still stand. */
  #alarmAt: number | null | undefined;
  #destroyed = false;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const [userId, threadId] = (ctx.id.name ?? "").split("/");
    this.#userId = UserId.parse(userId);
    this.#threadId = ThreadId.parse(threadId);
    const owner = { userId: this.#userId, threadId: this.#threadId };
    const { storage } = ctx;
    const ports = portsOf(env);
    const journal = new ThreadJournal(storage.sql, openTables(storage, SCHEMA));
    const runs = new RunRows(storage.sql);
    const outbox = new OutboxRows(storage.sql);
    const sockets = new Sockets(ctx);
    const { clock } = ports;
    const log = threadLog({
      store: journal,
      liveSeq: () => journal.liveSeq(),
      clock,
      ...owner,
      maxReplay: MAX_REPLAY,
    });
    const relay = new Relay(outbox, new History(ports.database, owner.userId), clock, ports.log);
    const parts = { ctx, storage, ...owner, journal, log, runs, outbox, relay, sockets, ports };
    this.#ports = ports;
    this.#journal = journal;
    this.#log = log;
    this.#runs = runs;
    this.#outbox = outbox;
    this.#sockets = sockets;
    this.#relay = relay;
    this.#admission = new Admission(parts);
    this.#runner = new Runner({ ...parts, onChange: () => this.#schedule() });
    const tickets = new Tickets(storage.sql);
    this.#reception = new Reception({ ...parts, clock, tickets, runner: this.#runner });
    this.#commands = new CommandHandler({
      ...parts,
      runner: this.#runner,
      accept: (message) => this.#accept(message),
      greet: (socket, position) => this.#reception.greet(socket, position),
    });
    // Whatever woke the object: a run that an earlier life left unfinished is taken up first.
    this.#runner.ensure();
  }

  /** The upgrade, as the Worker has authenticated it. */
  override async fetch(request: Request): Promise<Response> {
    try {
      const upgrade = readUpgrade(request);
      if (this.#destroyed) throw gone();
      return this.#reception.receive(upgrade);
    } catch (error) {
      if (!(error instanceof ApexError)) this.#ports.log.error("upgrade.failed", error);
      const problem = ApexError.from(error).toProblem();
      return Response.json(problem, { status: problem.status });
    }
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    if (this.#destroyed) return;
    await this.#commands.handle(socket, frame);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.release(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.close(socket, "too_large");
  }

  /** Wakes the object where nobody else does: finds a run without a loop, and rows without a home. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    if (this.#destroyed) return;
    this.#runner.ensure();
    this.#schedule();
    await this.#relay.flushInTime();
    this.#schedule();
  }

  async postMessage(message: PostMessageBody): Promise<Outcome<Accepted>> {
    if (this.#destroyed) return { ok: false, problem: gone().toProblem() };
    try {
      const { run } = this.#accept(message);
      await this.#relay.flushInTime();
      return {
        ok: true,
        value: {
          thread_id: this.#threadId,
          message_id: run.message_id,
          run_id: run.run_id,
          position: { epoch: this.#log.epoch, after: run.accepted_seq - 1 },
        },
      };
    } catch (error) {
      if (!(error instanceof ApexError)) throw error;
      return { ok: false, problem: error.toProblem() };
    }
  }

  async readRun(runId: RunId): Promise<Run | null> {
    const row = this.#destroyed ? null : this.#runs.get(runId);
    return row && toRun(row, this.#threadId);
  }

  async cancelRun(runId: RunId): Promise<CancelReceipt | null> {
    const row = this.#destroyed ? null : await this.#runner.cancel(runId);
    return row && toReceipt(row, this.#threadId);
  }

  async unsavedMessages(): Promise<Message[]> {
    if (this.#destroyed) return [];
    const unsaved = this.#outbox.messages();
    const live = this.#runs.next();
    const answer = live && answerOf(live, this.#threadId);
    if (answer === null || unsaved.some(({ id }) => id === answer.id)) return unsaved;
    return [...unsaved, { ...answer, content: this.#runner.snapshot()?.text ?? "" }];
  }

  async deadLetters(): Promise<DeadLetters> {
    return this.#destroyed ? { data: [], total: 0 } : this.#outbox.deadLetters();
  }

  async replayDeadLetters(): Promise<number> {
    if (this.#destroyed) return 0;
    const replayed = this.ctx.storage.transactionSync(() => this.#outbox.replay());
    this.#schedule();
    await this.#relay.flushInTime();
    return replayed;
  }

  async announceUpdate(title: string | null, metadata: Record<string, string>): Promise<void> {
    if (this.#destroyed) return;
    const updated = this.ctx.storage.transactionSync(() => {
      this.#journal.trimOld();
      return this.#log.append([
        { type: "thread_updated", run_id: null, agent: null, data: { title, metadata } },
      ]);
    });
    this.#sockets.broadcast(updated);
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    this.#runner.release();
    this.#sockets.closeAll("not_found");
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  #accept(message: PostMessageBody): Acceptance {
    const acceptance = this.#admission.accept(message);
    if (acceptance.event !== null) {
      this.#schedule();
      this.#sockets.broadcast([acceptance.event]);
      this.#runner.stop(acceptance.cancelled);
      this.#runner.ensure();
      this.ctx.waitUntil(this.#relay.flush());
    }
    return acceptance;
  }

  /** Sets the one alarm to the nearest thing to do, and none where the thread may sleep. */
  #schedule(): void {
    if (this.#destroyed) return;
    const now = this.#ports.clock.now();
    const due = [
      this.#runs.next() === null ? null : now + HEARTBEAT_MS,
      this.#relay.dueAt === null ? null : Math.max(this.#relay.dueAt, now + HEARTBEAT_MS),
    ].filter((at) => at !== null);
    const { storage } = this.ctx;
    if (due.length === 0) {
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
