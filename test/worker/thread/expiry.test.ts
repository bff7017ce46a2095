/** Sockets over the life of their tokens: warned, renewed or ended; and held to a rate. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { accountObjectName } from "../../../src/durable/names.ts";
import { MAX_COMMANDS } from "../../../src/thread/command-rate.ts";
import { FeedStream } from "../account/user-feed.ts";
import { ask } from "../http/ask.ts";
import { EventStream } from "../http/event-stream.ts";
import { type Client, eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";
import { oldToken } from "./tokens.ts";

const MINUTE = 60_000;
/** How long a token lives, in milliseconds. */
const LIFE = 15 * MINUTE;

let model: HeldModel;
beforeEach(async () => {
  model = await holdModel();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has the objects believe that so much time has passed, and rings their alarm. */
async function pass(thread: Conversation, ms: number): Promise<void> {
  vi.spyOn(systemClock, "now").mockImplementation(() => Date.now() + ms);
  await runDurableObjectAlarm(thread.object);
}

const warnings = ({ frames }: Client) => frames.filter(({ type }) => type === "token_expiring");

describe("a socket whose token runs out", () => {
  it("has an alarm a minute before, though it sleeps, and no other until then", async () => {
    const thread = await beginThread();
    await thread.connect();
    await evictDurableObject(thread.object);
    const alarm = await runInDurableObject(thread.object, (_, { storage }) => storage.getAlarm());

    expect(alarm).toBeGreaterThan(Date.now() + LIFE - 2 * MINUTE);
    expect(alarm).toBeLessThanOrEqual(Date.now() + LIFE - MINUTE);
  });

  it("is warned once, and ends with 4401 when it does nothing", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await pass(thread, LIFE - 2 * MINUTE);
    await client.answers();
    expect(warnings(client)).toEqual([]);
    await pass(thread, LIFE - 30_000);
    const { data } = await client.frame("token_expiring");
    expect(Math.abs(Date.parse(data.expires_at) - Date.now() - LIFE)).toBeLessThan(MINUTE);
    await pass(thread, LIFE - 20_000);
    await client.answers();
    expect(warnings(client)).toHaveLength(1);
    await pass(thread, LIFE + 1_000);

    expect(await client.closed).toBe(4401);
    // One that stood for what was still to be told rings once more.
    await eventually(async () => {
      expect(await runDurableObjectAlarm(thread.object)).toBe(false);
    });
  });

  it("lives on with a new one, and is warned before that runs out", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await pass(thread, LIFE - 30_000);
    await client.frame("token_expiring");
    client.send({ type: "reauthenticate", token: await oldToken(thread.owner, 30_000 - LIFE) });
    await client.answers();
    await pass(thread, LIFE + MINUTE);
    await client.answers();
    expect(warnings(client)).toHaveLength(1);
    await pass(thread, 2 * LIFE - MINUTE);
    await client.answers();

    expect(warnings(client)).toHaveLength(2);
  });

  it("leaves its run alone", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("a run that goes on");
    const turn = await model.turn("a run that goes on");
    await pass(thread, LIFE + 1_000);
    expect(await client.closed).toBe(4401);
    turn.end("Done.");

    await eventually(async () => {
      expect(await thread.object.readRun(run_id)).toMatchObject({ status: "completed" });
    });
  });

  it("ends the streams that are read from it, of a thread and of the feed", async () => {
    const thread = await beginThread();
    const { access_token: token } = thread.owner;
    const stream = new EventStream(await thread.ask("/events"));
    const feed = new FeedStream(await ask("/api/events/stream", { token }));
    await pass(thread, LIFE + 1_000);
    await runDurableObjectAlarm(env.ACCOUNTS.getByName(accountObjectName(thread.owner.user.id)));
    await stream.toEnd();
    await feed.toEnd();

    expect(stream.frames.map(({ type }) => type)).toEqual(["connection_ready"]);
  });
});

describe("a socket that commands too often", () => {
  it("is told so, keeps what it has, and is let go when it never stops", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    vi.spyOn(systemClock, "now").mockReturnValue(Date.now());
    for (let n = 0; n < MAX_COMMANDS; n += 1) client.send({ type: "ack", seq: 0 });
    const { problem } = await client.refused({ type: "ack", seq: 0 });
    expect(problem).toMatchObject({ code: "rate_limited", retry_after: 60 });
    for (let n = 0; n < MAX_COMMANDS; n += 1) client.send({ type: "ack", seq: 0 });

    expect(await client.closed).toBe(4429);
  });

  it("may go on in the next minute, and plain pings cost nothing", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const now = Date.now();
    vi.spyOn(systemClock, "now").mockReturnValue(now);
    for (let n = 0; n < 2 * MAX_COMMANDS; n += 1) client.sendRaw('{"type":"ping"}');
    for (let n = 0; n < MAX_COMMANDS; n += 1) client.send({ type: "ack", seq: 0 });
    await client.refused({ type: "ack", seq: 0 });
    vi.spyOn(systemClock, "now").mockReturnValue(now + MINUTE);
    const from = client.frames.length;
    client.send({ type: "resume", after: 0, epoch: "another" });

    await client.frame("connection_ready", undefined, from);
  });
});
