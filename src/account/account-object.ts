/** The Account object: what is a user's own across all threads, and the sockets that follow it. */
import { DurableObject } from "cloudflare:workers";
import { systemClock } from "../core/clock.ts";
import { consoleLog, type Log, logWith } from "../core/log.ts";
import { threadObjectName } from "../durable/names.ts";
import { Sockets } from "../durable/sockets.ts";
import { answerUpgrade, type Upgrade } from "../durable/upgrade.ts";
import type { DeletionReceipt } from "../protocol/account.ts";
import type { FeedFrame } from "../protocol/account-feed.ts";
import { Ack } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { UserId } from "../protocol/ids.ts";
import { MAX_SOCKETS } from "../protocol/limits.ts";
import { AccountRows } from "../store/account-rows.ts";
import { openDatabase } from "../store/database.ts";
import { Closing } from "./closing.ts";
import { EndedVouchers } from "./ended-vouchers.ts";
import { Feed } from "./feed.ts";
import type { AccountRpc, NoticeSource, ThreadNotice } from "./rpc.ts";

export class Account extends DurableObject<Cloudflare.Env> implements AccountRpc {
  readonly #log: Log;
  readonly #feed: Feed;
  readonly #sockets: Sockets<FeedFrame>;
  readonly #vouchers: EndedVouchers;
  readonly #closing: Closing;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const userId = UserId.parse(ctx.id.name);
    this.#log = logWith(consoleLog, { user_id: userId });
    this.#feed = new Feed(ctx.storage, userId, systemClock);
    this.#sockets = new Sockets(ctx, systemClock);
    this.#vouchers = new EndedVouchers(ctx.storage.sql, systemClock);
    this.#closing = new Closing({
      storage: ctx.storage,
      rows: new AccountRows(openDatabase(env.DB), userId),
      thread: (threadId) => env.THREADS.getByName(threadObjectName(userId, threadId)),
      clock: systemClock,
      log: this.#log,
    });
  }

  /** The upgrade, as the Worker has authenticated it. */
  override async fetch(request: Request): Promise<Response> {
    return answerUpgrade(request, this.#log, (upgrade) => {
      this.#closing.assertOpen();
      return this.#open(upgrade);
    });
  }

  /** A deletion that is not at its end goes on. */
  override async alarm(): Promise<void> {
    await this.#closing.drive();
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

  async announce(source: NoticeSource, notices: readonly ThreadNotice[]): Promise<number> {
    // Nobody hears of it any more: the thread is told that it has nothing left to tell.
    if (this.#closing.isDecided) return Number.MAX_SAFE_INTEGER;
    const { events, upTo } = this.#feed.take(source, notices);
    this.#sockets.broadcast(events);
    return upTo;
  }

  async endVouchers(ids: readonly string[]): Promise<void> {
    if (!this.#closing.isDecided) this.#vouchers.end(ids);
  }

  async isClosed(): Promise<boolean> {
    return this.#closing.isDecided;
  }

  async close(): Promise<DeletionReceipt> {
    this.#closing.decide();
    this.#sockets.closeAll("session_ended");
    return await this.#closing.advance();
  }

  #open({ expiresAt, position }: Upgrade): Response {
    if (this.#sockets.count >= MAX_SOCKETS) {
      const detail = `The feed serves at most ${MAX_SOCKETS} connections. Close one first.`;
      throw new ApexError("rate_limited", detail);
    }
    const { client, server } = this.#sockets.accept(expiresAt);
    for (const frame of this.#feed.welcome(position)) this.#sockets.send(server, frame);
    return new Response(null, { status: 101, webSocket: client });
  }
}
