/** The SDK's reader of server-sent events: what any parser reads, wherever the bytes are cut. */
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStream, MAX_EVENT_LENGTH } from "../../../src/client/event-stream.ts";
import { FeedFrame } from "../../../src/protocol/account-feed.ts";
import { Epoch } from "../../../src/protocol/ids.ts";
import { formatServerSentEvent, SSE_HEARTBEAT } from "../../../src/protocol/sse.ts";
import { parsedOf } from "../protocol/arbitraries.ts";

const EPOCH = Epoch.parse("epoch-1");

/** @returns the data of the events in the pieces, read one after the other. */
function read(...pieces: readonly Uint8Array[]): string[] {
  const stream = new EventStream();
  return pieces.flatMap((piece) => stream.push(piece) ?? []);
}

/** Lines of every kind, each ended in one of the three ways; the last comment settles a lone CR. */
const anyStream = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "data: one",
        "data:two",
        "data:  three: 3",
        "data: é 👩‍👩‍👧‍👦",
        "data",
        "data:",
        "database: no",
        " data: no",
        "event: run_started",
        "id: epoch.7",
        ": still here",
        ":",
        "",
        "",
      ),
      fc.constantFrom("\n", "\r\n", "\r"),
    ),
    { maxLength: 12 },
  )
  .map((lines) => `${lines.flat().join("")}\n: the end\n`);

describe("an event stream", () => {
  test("ends in nothing where an event is longer than can be held, in one line or in many", () => {
    const stream = new EventStream();
    const half = new TextEncoder().encode("x".repeat(MAX_EVENT_LENGTH / 2));
    const line = new TextEncoder().encode("data: ");
    expect(stream.push(line)).toEqual([]);
    expect(stream.push(half)).toEqual([]);
    expect(stream.push(half)).toBeNull();
    const lines = new EventStream();
    const many = new TextEncoder().encode(`data: ${"x".repeat(1_000)}\n`.repeat(1_000));
    expect(lines.push(many)).toEqual([]);
    expect(lines.push(many)).toBeNull();
  });

  test("holds nothing of an event that is told: only its own length is bounded", () => {
    const stream = new EventStream();
    const event = new TextEncoder().encode(`data: ${"x".repeat(MAX_EVENT_LENGTH / 2)}\n\n`);
    for (let n = 0; n < 4; n++) expect(stream.push(event)).toHaveLength(1);
  });

  test("gives the data that any parser gives", () => {
    fc.assert(
      fc.property(anyStream, (text) => {
        const expected: string[] = [];
        createParser({ onEvent: ({ data }) => expected.push(data) }).feed(text);
        expect(read(new TextEncoder().encode(text))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("gives the same cut at any byte, in two or in all", () => {
    fc.assert(
      fc.property(anyStream, (text) => {
        const bytes = new TextEncoder().encode(text);
        const whole = read(bytes);
        for (let at = 0; at <= bytes.length; at++) {
          expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
        }
        const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
        expect(read(...single)).toEqual(whole);
      }),
    );
  });

  test("gives every frame that the server writes", () => {
    fc.assert(
      fc.property(fc.array(parsedOf(FeedFrame), { maxLength: 5 }), (frames) => {
        const events = frames.map((frame) => formatServerSentEvent(EPOCH, frame));
        const text = SSE_HEARTBEAT + events.join(SSE_HEARTBEAT);
        const data = read(new TextEncoder().encode(text));
        expect(data.map((each) => FeedFrame.parse(JSON.parse(each)))).toEqual(frames);
      }),
    );
  });
});
