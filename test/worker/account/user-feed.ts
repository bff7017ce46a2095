/** The feed of somebody new, with the ways a test reaches it: what threads tell it, and the stream. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import type { NoticeSource, ThreadNotice } from "../../../src/account/rpc.ts";
import { newId } from "../../../src/core/clock.ts";
import { accountObjectName } from "../../../src/durable/names.ts";
import { FeedEvent, FeedFrame, FeedReady } from "../../../src/protocol/account-feed.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import type { LedgerEntry } from "../../../src/protocol/budget.ts";
import type { RunUsage } from "../../../src/protocol/entities.ts";
import { Epoch, type OrganizationId, RunId, ThreadId } from "../../../src/protocol/ids.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { organizations, users } from "../../../src/store/tables.ts";
import { ask } from "../http/ask.ts";
import { FrameStream } from "../http/event-stream.ts";
import { somebody } from "../http/somebody.ts";
import { eventually } from "../thread/client.ts";

const database = openDatabase(env.DB);
const NOON = "2026-11-21T12:00:00.000Z";
const NOTHING_USED: RunUsage = {
  ...{ input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, reasoning_tokens: 0 },
  ...{ model_calls: 1, cost_usd: 0, estimated: false },
};

/** What a run used, and how it ended; what is left out is nothing, or as usual. */
type Used = Partial<RunUsage> & Partial<Pick<LedgerEntry, "status" | "model">> & { at?: string };

/** A connection to the feed. */
export class FeedStream extends FrameStream<FeedFrame> {
  constructor(response: Response) {
    super(response, FeedFrame);
  }

  get told(): FeedEvent[] {
    return this.frames.flatMap((frame) => FeedEvent.safeParse(frame).data ?? []);
  }

  /** @returns the first frame's data, once it is there. */
  async ready(): Promise<FeedReady["data"]> {
    await this.until(({ type }) => type === "feed_ready");
    return FeedReady.parse(this.frames[0]).data;
  }

  /** @returns all that was told once an event of this seq was, or at once where all of it was before. */
  async upTo(seq: number): Promise<FeedEvent[]> {
    if ((await this.ready()).replay_after < seq) await this.until((frame) => frame.seq === seq);
    return this.told;
  }

  /** @returns the first event of a type that is told. */
  async next(type: FeedEvent["type"]): Promise<FeedEvent | undefined> {
    await this.until((frame) => frame.type === type);
    return this.told.find((event) => event.type === type);
  }
}

export class UserFeed {
  readonly owner: Credentials;

  constructor(owner: Credentials) {
    this.owner = owner;
  }

  /** A new stub each time, because one that saw its object die stays broken. */
  get object() {
    return env.ACCOUNTS.getByName(accountObjectName(this.owner.user.id));
  }

  /** Puts the user into a team, which is made where there is none of the id. */
  async join(team: OrganizationId): Promise<void> {
    const made = { id: team, name: "A team", tier: "free", created_at: NOON };
    const { id } = this.owner.user;
    await database.batch([
      database.insert(organizations).values(made).onConflictDoNothing(),
      database.update(users).set({ organization_id: team }).where(eq(users.id, id)),
    ]);
  }

  /** Asks for the stream. @param query from where, as `?after=…&epoch=…`. */
  ask(query = "", headers: Record<string, string> = {}): Promise<Response> {
    return ask(`/api/events/stream${query}`, { token: this.owner.access_token, headers });
  }

  async listen(query = "", headers: Record<string, string> = {}): Promise<FeedStream> {
    const response = await this.ask(query, headers);
    if (!response.ok) throw new Error(`no stream but a ${response.status}`);
    return new FeedStream(response);
  }

  /** @returns everything that can be replayed. */
  async events(): Promise<FeedEvent[]> {
    const stream = await this.listen();
    const events = await stream.upTo((await stream.ready()).last_seq);
    await stream.leave();
    return events;
  }

  /** Has this object alone die, and its sockets with it. Whoever asks next finds its next life. */
  async die(): Promise<void> {
    const dying = runInDurableObject(this.object, (_, state) => state.abort("killed"));
    await dying.catch(() => undefined);
    await eventually(() => runInDurableObject(this.object, () => undefined));
  }
}

/** A thread as the feed sees it: a source of notices. */
export class TellingThread {
  readonly feed: UserFeed;
  readonly threadId = ThreadId.parse(newId());
  readonly epoch = newId();

  constructor(feed: UserFeed) {
    this.feed = feed;
  }

  tell(...notices: ThreadNotice[]): Promise<number> {
    return this.tellAs(this.epoch, ...notices);
  }

  /** Tells as the thread would in another life of its journal. */
  tellAs(epoch: string, ...notices: ThreadNotice[]): Promise<number> {
    const source = { threadId: this.threadId, epoch: Epoch.parse(epoch) };
    return this.feed.object.announce(source, notices);
  }

  /** @returns what names it, or another thread, to the feed. */
  source(threadId: ThreadId): NoticeSource {
    return { threadId, epoch: Epoch.parse(this.epoch) };
  }

  started(seq: number): ThreadNotice {
    const data = { run_id: this.#run(seq), agent: "data", model: "demo" };
    return { ...this.#notice(seq), type: "run_started", run_id: data.run_id, data };
  }

  /** @param startedSeq that of the run's start. */
  ended(seq: number, startedSeq: number): ThreadNotice {
    const data = { run_id: this.#run(startedSeq), status: "completed" } as const;
    return { ...this.#notice(seq), type: "run_ended", run_id: data.run_id, data };
  }

  /** Its run ended, with what it used. */
  spent(seq: number, startedSeq: number, used: Used = {}): ThreadNotice {
    const { status = "completed", model = "gpt-5-mini", at = NOON, ...usage } = used;
    const ended = this.ended(seq, startedSeq);
    const run_id = this.#run(startedSeq);
    const entry = { run_id, agent: "data", status, model, ended_at: at };
    return { ...ended, timestamp: at, ended: { ...entry, usage: { ...NOTHING_USED, ...usage } } };
  }

  renamed(seq: number, title: string): ThreadNotice {
    return { ...this.#notice(seq), type: "thread_updated", data: { title } };
  }

  deleted(seq: number): ThreadNotice {
    return { ...this.#notice(seq), type: "thread_deleted", data: {} };
  }

  #notice(seq: number) {
    return { seq, run_id: null, agent: null, timestamp: NOON };
  }

  #run(seq: number): RunId {
    return RunId.parse(`${this.threadId}.${seq}`);
  }
}

/** @returns the feed of somebody new, where nobody is named. */
export async function userFeed(owner?: Credentials): Promise<UserFeed> {
  return new UserFeed(owner ?? (await somebody()));
}
