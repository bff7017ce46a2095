/** The feed: each frame once and in order, whatever the connection does. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFrame } from "../../../src/client/incoming.ts";
import { type Feed, MAX_HELD, receive, receiveHistory } from "../../../src/client/thread-feed.ts";
import { isServerFrame } from "../../../src/client/thread-frames.ts";
import { Message } from "../../../src/protocol/entities.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { accepted, completed, delta, event, message, ready, started } from "./frames.ts";

const EMPTY: Feed = { view: EMPTY_THREAD, held: null };

const RUN: readonly ServerFrame[] = [
  accepted(1, "mine"),
  started(2),
  event(3, "thread_updated", { title: "Latency", metadata: {} }),
  completed(4, "All is well."),
];

function read(frame: object) {
  const incoming = readFrame(isServerFrame, JSON.stringify(frame));
  if (!incoming) throw new Error("No frame");
  return incoming;
}

function receiveAll(feed: Feed, frames: readonly object[]): Feed {
  return frames.reduce((before: Feed, frame) => receive(before, read(frame)).feed, feed);
}

describe("a message that is no frame of this version", () => {
  test("is nothing where it is not a JSON object in text", () => {
    const texts = ["{", "[]]", "[]", "null", "7", new ArrayBuffer(1)];
    expect(texts.map((text) => readFrame(isServerFrame, text))).toEqual(texts.map(() => null));
  });

  test("takes its place in the log where it is an event of an unknown type", () => {
    const before = receiveAll(EMPTY, [ready(), accepted(1, null)]);
    const after = receive(before, read({ type: "mood_changed", seq: 2, data: "sunny" }));
    expect(after).toMatchObject({ fresh: [], gap: false, feed: { view: { lastSeq: 2 } } });
    expect(
      receive(after.feed, read(event(3, "thread_updated", { title: "T", metadata: {} }))).gap,
    ).toBe(false);
  });

  test("is ignored where it has no place in the log", () => {
    const before = receiveAll(EMPTY, [ready()]);
    expect(receive(before, read({ type: "weather" })).feed.view).toBe(before.view);
  });
});

test("a jump in the log is a gap, and changes nothing", () => {
  const before = receiveAll(EMPTY, [ready(), accepted(1, null)]);
  expect(receive(before, read(completed(4, "?")))).toEqual({ feed: before, fresh: [], gap: true });
});

test("a log that is cut anywhere and replayed from anywhere before folds to the same view", () => {
  const whole = RUN.reduce(project, project(EMPTY_THREAD, ready()));
  const position = fc.nat(RUN.length);
  fc.assert(
    fc.property(position, position, (cut, back) => {
      const replayed = RUN.slice(Math.min(cut, back));
      const frames = [ready(), ...RUN.slice(0, cut), ready(), ...replayed];
      expect(receiveAll(EMPTY, frames).view).toEqual(whole);
    }),
  );
});

describe("a log that could not be bridged", () => {
  const notRecovered = ready({ recovered: false, last_seq: 9, replay_after: 8 });

  test("holds what arrives until the history is there, then takes it in", () => {
    const held = receiveAll(EMPTY, [notRecovered, started(9), delta(0, "All ")]);
    expect(held.view).toMatchObject({ stale: true, lastSeq: 8, messages: [] });
    const history = [message("message-1", 1, "user", "Why so slow?")].map((m) => Message.parse(m));
    const { feed, fresh } = receiveHistory(held, history);
    expect(fresh.map(({ type }) => type)).toEqual(["agent_started", "message_delta"]);
    expect(feed.held).toBeNull();
    expect(feed.view).toMatchObject({ stale: false, lastSeq: 9 });
    expect(feed.view.messages.map(({ text }) => text)).toEqual(["Why so slow?", "All "]);
  });

  test("counts what is held: repeats are dropped, jumps are gaps", () => {
    const held = receiveAll(EMPTY, [notRecovered, started(9)]);
    expect(receive(held, read(started(9)))).toMatchObject({ feed: held, gap: false });
    expect(receive(held, read(completed(11, "?"))).gap).toBe(true);
  });

  test("holds a bounded number of frames, and asks for the log again past it", () => {
    const held = receiveAll(EMPTY, [notRecovered, ...Array(MAX_HELD).fill(delta(0, "a"))]);
    expect(receive(held, read(delta(0, "a"))).gap).toBe(true);
  });
});
