/** The Account object: everything of a user that is not part of one thread, and the sockets that follow it. */
import { DurableObject } from "cloudflare:workers";
import { newId } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { attempt, type Outcome } from "../core/outcome.ts";
import type { TraceContext } from "../core/trace.ts";
import type { Alarm } from "../durable/alarm.ts";
import type { Grant } from "../durable/grant.ts";
import { logEntries } from "../durable/log-crossing.ts";
import type { Sockets } from "../durable/sockets.ts";
import { answerUpgrade, type Upgrade } from "../durable/upgrade.ts";
import type { AccountLimits, DeletionReceipt } from "../protocol/account.ts";
import type { FeedFrame } from "../protocol/account-feed.ts";
import type { Ledger, LedgerPage, LedgerQuery, Budget as MonthBudget } from "../protocol/budget.ts";
import { Ack } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId, WebhookId } from "../protocol/ids.ts";
import { MAX_SOCKETS } from "../protocol/limits.ts";
import type { LimitState } from "../protocol/tiers.ts";
import type { WebhookDelivery, WebhookEvent } from "../protocol/webhooks.ts";
import type { NewDelivery } from "../store/webhooks.ts";
import type { Budget } from "./budget.ts";
import type { Closing } from "./closing.ts";
import { composeAccount } from "./compose.ts";
import type { Feed } from "./feed.ts";
import type { Gate } from "./gate.ts";
import type { OpenSockets } from "./open-sockets.ts";
import type { Quotas } from "./quotas.ts";
import type { Revocations } from "./revocations.ts";
import type { AccountRpc, NoticeSource, Reservation, Reserved, ThreadNotice } from "./rpc.ts";
import { RunsUnderWay } from "./runs-under-way.ts";
import type { Till } from "./till.ts";

export class Account extends DurableObject<Cloudflare.Env> implements AccountRpc {
  readonly #log: Log;
  readonly #feed: Feed;
  readonly #sockets: Sockets<FeedFrame>;
  readonly #revocations: Revocations;
  readonly #closing: Closing;
  readonly #open: OpenSockets;
  readonly #budget: Budget;
  readonly #quotas: Quotas;
  readonly #till: Till;
  readonly #gate: Gate;
  readonly #alarm: Alarm;
  #runs: RunsUnderWay | null = null;
  /** Kept in memory only: after a restart of the object it differs, so threads read the servers' tools once more. */
  #serversVersion = newId();

  static {
    logEntries(Account.prototype, ({ ctx }) => ({ user_id: ctx.id.name }));
  }

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const parts = composeAccount(ctx, env, () => this.#runsUnderWay());
    this.#log = parts.log;
    this.#feed = parts.feed;
    this.#sockets = parts.sockets;
    this.#revocations = parts.revocations;
    this.#closing = parts.closing;
    this.#open = parts.open;
    this.#budget = parts.budget;
    this.#quotas = parts.quotas;
    this.#till = parts.till;
    this.#gate = parts.gate;
    this.#alarm = parts.alarm;
  }

  /** Accepts the feed's socket. The Worker has authenticated the request. */
  override async fetch(request: Request): Promise<Response> {
    return answerUpgrade(request, this.#log, (upgrade) => this.#receive(upgrade));
  }

  /**
   * Takes acknowledgements of the Worker, which reads the socket for an event stream: how far its client has
   * read.
   */
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
   * Closes the feeds whose tokens have expired, repeats what threads could not be told before, or continues the
   * deletion of the account.
   */
  override async alarm(): Promise<void> {
    if (this.#closing.isDecided) return await this.#closing.drive();
    this.#alarm.rang();
    await Promise.all([this.#revocations.followUp(), this.#till.flush()]);
  }

  async announce(source: NoticeSource, notices: readonly ThreadNotice[]): Promise<number> {
    // After the deletion nothing is announced any more, so a thread is told that everything has arrived.
    if (this.#closing.isDecided) return Number.MAX_SAFE_INTEGER;
    const { events, fresh, upTo } = this.#feed.take(source, notices, (taken) => {
      this.#till.settle(source, taken);
      if (taken.some(({ type }) => type === "thread_deleted")) {
        this.#open.report(source.threadId, 0);
      }
    });
    this.#budget.settle(fresh);
    this.#runs?.hear(source.threadId, events, source.queued);
    this.#sockets.broadcast(events);
    if (events.some(({ type }) => type === "run_ended")) this.#tellOfSpend();
    return upTo;
  }

  async enter(...[entry]: Parameters<AccountRpc["enter"]>): Promise<void> {
    if (this.#closing.isDecided) return;
    this.ctx.storage.transactionSync(() => this.#till.enter(entry));
    this.#budget.recount();
    this.#tellOfSpend();
  }

  async endVouchers(ids: readonly string[]): Promise<void> {
    if (this.#closing.isDecided) return;
    await this.#revocations.revoke(ids);
  }

  async close(): Promise<DeletionReceipt> {
    this.#closing.decide();
    this.#sockets.closeAll("session_ended");
    this.#open.forget();
    return await this.#closing.advance();
  }

  async admit(caller: Grant): Promise<Outcome<LimitState>> {
    return attempt(() => {
      this.#gate.assertVouched(caller);
      return this.#quotas.admit(caller.tier);
    });
  }

  async reserve(reservation: Reservation): Promise<Outcome<number | null | Reserved>> {
    const { threadId, waiting, sender, full } = reservation;
    return attempt(async () => {
      this.#gate.assertVouched(sender);
      const spent = await this.#budget.spent(sender.organizationId);
      this.#gate.assertVouched(sender);
      const underWay = this.#quotas.underWay(threadId, waiting);
      const allowance = this.#till.budget.allowance(underWay);
      this.#quotas.reserve(threadId, waiting, sender.tier, spent);
      const followed = this.#sockets.count > 0;
      return full ? { allowance, followed, serversVersion: this.#serversVersion } : allowance;
    });
  }

  async serversChanged(): Promise<void> {
    this.#serversVersion = newId();
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

  async deliver(
    delivery: NewDelivery,
    trace?: TraceContext | null,
  ): Promise<Outcome<WebhookDelivery | null>> {
    return attempt(() => this.#opened().courier.take({ ...delivery, trace }));
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

  async ledger(query: LedgerQuery): Promise<Outcome<Ledger>> {
    return attempt(() => this.#opened().ledger.read(query));
  }

  async ledgerPage(query: LedgerQuery): Promise<Outcome<LedgerPage>> {
    return attempt(() => this.#opened().ledger.page(query));
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

  /** @throws {ApexError} `session_ended` if the account is closed. */
  #opened(): Till {
    this.#closing.assertOpen();
    return this.#till;
  }

  async #receive({ expiresAt, grant, position }: Upgrade): Promise<Response> {
    await this.#gate.assertRoom(grant, () => this.#open.total());
    if (this.#sockets.countLiving() >= MAX_SOCKETS) {
      const detail = `The feed serves at most ${MAX_SOCKETS} connections. Close one first.`;
      throw new ApexError("rate_limited", detail);
    }
    const { client, server } = this.#sockets.accept({ expiresAt, grant });
    this.#alarm.by(expiresAt * 1_000);
    for (const frame of this.#feed.welcome(position)) this.#sockets.send(server, frame);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells the team's object and the webhooks. */
  #tellOfSpend(): void {
    this.ctx.waitUntil(Promise.all([this.#budget.tell(), this.#till.herald.flush()]));
  }

  #runsUnderWay(): RunsUnderWay {
    this.#runs ??= new RunsUnderWay(this.#feed.liveRuns().map(({ thread_id }) => thread_id));
    return this.#runs;
  }
}
