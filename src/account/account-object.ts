/** The Account object: what is a user's own across all threads, and the sockets that follow it. */
import { DurableObject } from "cloudflare:workers";
import { systemClock } from "../core/clock.ts";
import { consoleLog, type Log, logWith } from "../core/log.ts";
import { attempt, type Outcome } from "../core/outcome.ts";
import { Alarm } from "../durable/alarm.ts";
import type { Grant } from "../durable/grant.ts";
import { organizationObjectName, threadObjectName } from "../durable/names.ts";
import { Sockets } from "../durable/sockets.ts";
import { answerUpgrade, type Upgrade } from "../durable/upgrade.ts";
import type { AccountLimits, DeletionReceipt } from "../protocol/account.ts";
import type { FeedFrame } from "../protocol/account-feed.ts";
import type { Ledger, LedgerQuery, Budget as MonthBudget } from "../protocol/budget.ts";
import { Ack } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { type ThreadId, UserId, type WebhookId, workspaceOf } from "../protocol/ids.ts";
import { MAX_SOCKETS } from "../protocol/limits.ts";
import type { LimitState } from "../protocol/tiers.ts";
import type { WebhookDelivery, WebhookEvent } from "../protocol/webhooks.ts";
import { openDatabase } from "../store/database.ts";
import { assertWorkspace } from "../store/membership.ts";
import type { NewDelivery } from "../store/webhooks.ts";
import { Budget } from "./budget.ts";
import { Closing } from "./closing.ts";
import { EndedVouchers } from "./ended-vouchers.ts";
import { Feed } from "./feed.ts";
import { Gate } from "./gate.ts";
import { keptRows } from "./kept-rows.ts";
import { OpenSockets } from "./open-sockets.ts";
import { Quotas } from "./quotas.ts";
import type { AccountRpc, NoticeSource, Reservation, ThreadNotice } from "./rpc.ts";
import { RunsUnderWay } from "./runs-under-way.ts";
import { Till } from "./till.ts";

/** Until threads that could not be reached are asked again to close sockets, in milliseconds. */
const AGAIN_MS = 2_000;
/** A Worker that reads a feed pings four times in this time, in milliseconds. */
const READER_SILENCE_MS = 60_000;

export class Account extends DurableObject<Cloudflare.Env> implements AccountRpc {
  readonly #log: Log;
  readonly #feed: Feed;
  readonly #sockets: Sockets<FeedFrame>;
  readonly #vouchers: EndedVouchers;
  readonly #closing: Closing;
  readonly #open: OpenSockets;
  readonly #budget: Budget;
  readonly #quotas: Quotas;
  readonly #till: Till;
  readonly #gate: Gate;
  readonly #alarm: Alarm;
  #runs: RunsUnderWay | null = null;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const { storage } = ctx;
    const userId = UserId.parse(ctx.id.name);
    const clock = systemClock;
    const log = logWith(consoleLog, { user_id: userId });
    const thread = (id: ThreadId) => env.THREADS.getByName(threadObjectName(userId, id));
    this.#log = log;
    this.#feed = new Feed(storage, userId, clock);
    this.#sockets = new Sockets(ctx, { clock, silenceMs: READER_SILENCE_MS });
    this.#vouchers = new EndedVouchers(storage.sql, clock);
    this.#alarm = new Alarm(ctx);
    const forget = () => this.#budget.forget();
    const rows = keptRows(env, userId);
    this.#closing = new Closing({ storage, rows, thread, forget, clock, log });
    this.#open = new OpenSockets({ sql: storage.sql, thread, log });
    this.#till = new Till({ storage, env, userId, clock, log, wakeBy: (at) => this.#alarm.by(at) });
    this.#budget = new Budget({
      storage,
      userId,
      organization: (id) => env.ORGANIZATIONS.getByName(organizationObjectName(id)),
      assertMember: (id) => assertWorkspace(openDatabase(env.DB), userId, workspaceOf(userId, id)),
      isOpen: () => !this.#closing.isDecided,
      clock,
      log,
    });
    this.#quotas = new Quotas({
      clock,
      runs: () => this.#runsUnderWay(),
      sockets: () => this.#open.total() + this.#feeds(),
    });
    this.#gate = new Gate({
      clock,
      closing: this.#closing,
      vouchers: this.#vouchers,
      quotas: this.#quotas,
      open: this.#open,
      feeds: () => this.#feeds(),
    });
  }

  /** The upgrade, as the Worker has authenticated it. */
  override async fetch(request: Request): Promise<Response> {
    return answerUpgrade(request, this.#log, (upgrade) => this.#receive(upgrade));
  }

  /** The Worker, which reads the socket for an event stream, says how far its client has read. */
  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const ack = Ack.safeParse(JSON.parse(String(frame)));
    if (ack.success) this.#sockets.acknowledge(socket, ack.data.seq);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.release(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.close(socket, "internal");
  }

  /**
   * Ends the feeds whose tokens have run out, and what threads that were away still hold; or goes on
   * with a deletion that is not at its end.
   */
  override async alarm(): Promise<void> {
    if (this.#closing.isDecided) return await this.#closing.drive();
    this.#alarm.rang();
    this.#sockets.expire();
    await Promise.all([this.#endSockets(), this.#till.flush()]);
  }

  async announce(source: NoticeSource, notices: readonly ThreadNotice[]): Promise<number> {
    // Nobody hears of it any more: the thread is told that it has nothing left to tell.
    if (this.#closing.isDecided) return Number.MAX_SAFE_INTEGER;
    const { events, upTo } = this.#feed.take(source, notices, (fresh) => {
      this.#budget.settle(fresh);
      this.#till.settle(source, fresh);
      if (fresh.some(({ type }) => type === "thread_deleted")) {
        this.#open.report(source.threadId, 0);
      }
    });
    this.#runs?.hear(source.threadId, events, source.queued);
    this.#sockets.broadcast(events);
    if (events.some(({ type }) => type === "run_ended")) {
      this.ctx.waitUntil(Promise.all([this.#budget.tell(), this.#till.herald.flush()]));
    }
    return upTo;
  }

  async endVouchers(ids: readonly string[]): Promise<void> {
    if (this.#closing.isDecided) return;
    this.#vouchers.end(ids);
    this.#sockets.endVouchers(ids);
    await this.#endSockets();
  }

  async close(): Promise<DeletionReceipt> {
    this.#closing.decide();
    this.#sockets.closeAll("session_ended");
    return await this.#closing.advance();
  }

  async admit(caller: Grant): Promise<Outcome<LimitState>> {
    return attempt(() => {
      this.#gate.assertVouched(caller);
      return this.#quotas.admit(caller.tier);
    });
  }

  async reserve({ threadId, waiting, sender }: Reservation): Promise<Outcome<number | null>> {
    return attempt(async () => {
      this.#gate.assertVouched(sender);
      const spent = await this.#budget.spent(sender.organizationId);
      this.#gate.assertVouched(sender);
      const allowance = this.#till.budget.allowance();
      this.#quotas.reserve(threadId, waiting, sender.tier, spent);
      return allowance;
    });
  }

  async openSocket(threadId: ThreadId, sockets: number, caller: Grant): Promise<Outcome<null>> {
    return attempt(async () => {
      await this.#gate.assertRoom(caller, () => this.#open.total(threadId) + sockets - 1);
      this.#open.report(threadId, sockets);
      return null;
    });
  }

  async socketsOf(threadId: ThreadId, sockets: number): Promise<void> {
    if (this.#closing.isDecided) return;
    this.#open.report(threadId, sockets);
  }

  async deliver(delivery: NewDelivery): Promise<Outcome<WebhookDelivery | null>> {
    return attempt(() => this.#opened().courier.take(delivery));
  }

  async replay(webhookId: WebhookId, deliveryId: string): Promise<Outcome<WebhookDelivery | null>> {
    return attempt(() => this.#opened().courier.replay(webhookId, deliveryId));
  }

  async wantEvents(events: readonly WebhookEvent[]): Promise<void> {
    this.#opened().herald.want(events);
  }

  async budget(): Promise<MonthBudget> {
    return this.#opened().budget.read();
  }

  async setBudget(monthlyUsd: number | null): Promise<MonthBudget> {
    return this.#opened().budget.set(monthlyUsd);
  }

  async ledger(query: LedgerQuery): Promise<Ledger> {
    return this.#opened().ledger.read(query);
  }

  async ledgerPage(query: LedgerQuery): ReturnType<AccountRpc["ledgerPage"]> {
    return this.#opened().ledger.page(query);
  }

  async limits({
    tier,
    organizationId,
  }: Pick<Grant, "tier" | "organizationId">): Promise<Outcome<AccountLimits>> {
    return attempt(async () => {
      this.#closing.assertOpen();
      const spent = await this.#budget.spent(organizationId);
      return { tier, limits: this.#quotas.states(tier, spent) };
    });
  }

  /** @throws {ApexError} `session_ended` where the account is closed. */
  #opened(): Till {
    this.#closing.assertOpen();
    return this.#till;
  }

  async #receive({ expiresAt, grant, position }: Upgrade): Promise<Response> {
    await this.#gate.assertRoom(grant, () => this.#open.total());
    if (this.#feeds() >= MAX_SOCKETS) {
      const detail = `The feed serves at most ${MAX_SOCKETS} connections. Close one first.`;
      throw new ApexError("rate_limited", detail);
    }
    const { client, server } = this.#sockets.accept({ expiresAt, grant });
    this.#alarm.by(expiresAt * 1_000);
    for (const frame of this.#feed.welcome(position)) this.#sockets.send(server, frame);
    return new Response(null, { status: 101, webSocket: client });
  }

  async #endSockets(): Promise<void> {
    const ended = this.#vouchers.all();
    const done = ended.length === 0 || (await this.#open.endVouchers(ended));
    if (!done) this.#alarm.by(systemClock.now() + AGAIN_MS);
    if (this.#sockets.dueAt !== null) this.#alarm.by(this.#sockets.dueAt);
  }

  /** @returns how many feeds are read: a Worker whose client left does not say so. */
  #feeds(): number {
    this.#sockets.sweep();
    return this.#sockets.count;
  }

  #runsUnderWay(): RunsUnderWay {
    this.#runs ??= new RunsUnderWay(this.#feed.liveRuns().map(({ thread_id }) => thread_id));
    return this.#runs;
  }
}
