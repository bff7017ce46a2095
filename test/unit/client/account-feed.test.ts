/** The feed of all threads against a scripted server: losses, gaps, silences and refusals. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_EVENT_LENGTH } from "../../../src/client/event-stream.ts";
import { type AccountFeed, ApexClient, type ConnectionStatus } from "../../../src/client/index.ts";
import type { FeedFrame } from "../../../src/protocol/account-feed.ts";
import { problem, USER } from "./frames.ts";
import { FEED_ROUTE, feedReady, runStarted, ScriptedFeed } from "./scripted-feed.ts";
import { ScriptedServer } from "./scripted-server.ts";
import { pass } from "./stage.ts";

let server: ScriptedServer;
let script: ScriptedFeed;
let frames: FeedFrame[];
let statuses: ConnectionStatus[];

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  server.routes.set("GET /api/auth/me", () => ({ status: 200, body: USER }));
  script = new ScriptedFeed(server);
  frames = [];
  statuses = [];
});
afterEach(() => {
  vi.useRealTimers();
});

/** @returns a feed whose first stream has been asked for. */
async function dial(): Promise<AccountFeed> {
  const client = new ApexClient({ baseUrl: "http://server.test", fetch: server.fetch });
  await client.devLogin({ email: USER.email });
  const feed = client.feed({
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
  });
  await pass();
  return feed;
}

/** @returns a feed that stands, and has told the events up to a seq. */
async function open(upTo = 0): Promise<AccountFeed> {
  const feed = await dial();
  script.stream.say(feedReady());
  for (let seq = 1; seq <= upTo; seq++) script.stream.say(runStarted(seq));
  await pass();
  return feed;
}

function toldSeqs(): number[] {
  return frames.flatMap(({ seq }) => seq ?? []);
}

describe("a feed that cannot be had", () => {
  test("ends where the sign-in is refused and cannot be renewed", async () => {
    server.routes.set(FEED_ROUTE, () => ({ status: 401, body: problem("token_expired", 401) }));
    server.routes.set("POST /api/auth/refresh", () => ({ status: 401 }));
    const feed = await dial();
    expect(feed).toMatchObject({ status: "closed", error: { code: "session_ended" } });
    await pass(60_000);
    expect(server.count(FEED_ROUTE)).toBe(1);
  });

  test("is opened with another token where the server refuses this one", async () => {
    server.routes.set(FEED_ROUTE, (request) =>
      request.token === "Bearer access-1"
        ? { status: 401, body: problem("token_expired", 401) }
        : script.accept(request),
    );
    const feed = await dial();
    script.stream.say(feedReady());
    await pass();
    expect(feed.status).toBe("open");
    expect(script.stream.request.token).toBe("Bearer access-2");
  });

  test("is tried again while the server cannot serve it, ever less often", async () => {
    server.routes.set(FEED_ROUTE, () => ({ status: 503 }));
    await dial();
    await pass(120_000);
    expect(server.count(FEED_ROUTE)).toBeGreaterThan(5);
    expect(server.count(FEED_ROUTE)).toBeLessThan(30);
    server.routes.set(FEED_ROUTE, (request) => {
      const answer = script.accept(request);
      script.stream.say(feedReady());
      return answer;
    });
    await pass(10_000);
    expect(statuses).toEqual(["reconnecting", "open"]);
  });

  test("is tried again where it never begins, or ends before it does", async () => {
    await dial();
    await pass(16_000);
    expect(script.streams).toHaveLength(2);
    expect(script.streams[0]?.request.signal.aborted).toBe(true);
    script.stream.end();
    await pass(5_000);
    expect(script.streams).toHaveLength(3);
    expect(server.count("GET /api/auth/me")).toBe(2);
  });
});

describe("a feed that is lost", () => {
  test.each(["end", "break"] as const)("by its %s resumes after its last event", async (loss) => {
    await open(2);
    expect(script.stream.request.lastEventId).toBeNull();
    script.stream[loss]();
    await pass(1_000);
    expect(script.stream.request.lastEventId).toBe("epoch-1.2");
    script.stream.say(feedReady({ replay_after: 2 }), runStarted(3));
    await pass();
    expect(toldSeqs()).toEqual([1, 2, 3]);
    expect(statuses).toEqual(["open", "reconnecting", "open"]);
  });

  test("tells each event once, however often it is replayed", async () => {
    await open(2);
    script.stream.say(runStarted(1), runStarted(2), runStarted(3));
    await pass();
    expect(toldSeqs()).toEqual([1, 2, 3]);
  });

  test("is opened again where an event is missing, and believes nothing that comes behind it", async () => {
    await open(1);
    const broken = script.stream;
    broken.say(runStarted(3), runStarted(2));
    await pass(1_000);
    expect(broken.request.signal.aborted).toBe(true);
    expect(script.stream.request.lastEventId).toBe("epoch-1.1");
    expect(toldSeqs()).toEqual([1]);
  });

  test("is noticed by its silence, and kept by its heartbeats", async () => {
    await open();
    for (let beats = 0; beats < 20; beats++) {
      await pass(15_000);
      script.stream.beat();
      await pass();
    }
    expect(statuses).toEqual(["open"]);
    await pass(51_000);
    expect(script.streams).toHaveLength(2);
    expect(statuses).toEqual(["open", "reconnecting"]);
  });

  test("survives a heartbeat that comes late", async () => {
    await open();
    await pass(25_000);
    expect(statuses).toEqual(["open"]);
    script.stream.beat();
    await pass(10_000);
    expect(statuses).toEqual(["open"]);
  });

  test("is told where its events could not be bridged, and goes on from there", async () => {
    await open(2);
    script.stream.end();
    await pass(1_000);
    script.stream.say(feedReady({ epoch: "epoch-2", recovered: false, replay_after: 40 }));
    script.stream.say(runStarted(41));
    await pass();
    expect(frames.at(-2)).toMatchObject({ type: "feed_ready", data: { recovered: false } });
    script.stream.end();
    await pass(1_000);
    expect(script.stream.request.lastEventId).toBe("epoch-2.41");
  });

  test("is opened again where an event is longer than can be held", async () => {
    await open();
    script.stream.write(`data: ${"x".repeat(MAX_EVENT_LENGTH)}`);
    await pass(1_000);
    expect(script.streams).toHaveLength(2);
  });
});

test("an event of an unknown type takes its place, and what is no frame is ignored", async () => {
  await open(1);
  script.stream.write('data: {"type":"mood_changed","seq":2,"data":"sunny"}\n\n');
  script.stream.write('data: {"type":"weather"}\n\n');
  script.stream.write("data: {\n\n");
  script.stream.say(runStarted(3));
  await pass();
  expect(toldSeqs()).toEqual([1, 3]);
  expect(statuses).toEqual(["open"]);
});

test("hanging up is final: no timers, no reconnects, nothing told", async () => {
  const feed = await open(1);
  feed.close();
  script.stream.say(runStarted(2));
  await pass();
  expect(feed).toMatchObject({ status: "closed", error: null });
  expect(script.stream.request.signal.aborted).toBe(true);
  expect([script.streams.length, vi.getTimerCount(), toldSeqs()]).toEqual([1, 0, [1]]);
});
