/** Many small pieces, few frames: the first at once, the rest together, and never a broken letter. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaStream, type TextPiece } from "../../../src/core/delta-stream.ts";
import type { MessageDelta } from "../../../src/protocol/events.ts";
import { MessageId } from "../../../src/protocol/ids.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { codePoint } from "../protocol/arbitraries.ts";
import { FakeClock } from "./fake-clock.ts";

/** Longer than any window: what comes after it is a first piece. */
const A_PAUSE = 80;
const [HIGH, LOW] = ["\ud83d", "\ude00"] as const;

function openStream() {
  const clock = new FakeClock();
  const start = clock.now();
  const sent: TextPiece[] = [];
  const sentAt: number[] = [];
  const stream = new DeltaStream(clock, (piece) => {
    sent.push(piece);
    sentAt.push(clock.now() - start);
  });
  return { clock, sent, sentAt, stream };
}

/** What a token may cost at one socket, in bytes. */
const BUDGET_BYTES = 25;

/** @returns the bytes of a piece's frame, with the header of a WebSocket frame (RFC 6455, 5.2). */
function sizeOnTheWire(piece: TextPiece): number {
  const message_id = MessageId.parse("01900000-0000-7000-8000-000000000000");
  const frame: MessageDelta = { type: "message_delta", message_id, ...piece };
  const payload = new TextEncoder().encode(JSON.stringify(frame)).length;
  return payload + (payload < 126 ? 2 : 4);
}

/** The texts as pieces that follow each other. */
function inARow(texts: readonly string[], from = 0): TextPiece[] {
  let offset = from;
  return texts.map((text) => {
    const piece = { offset, text };
    offset += text.length;
    return piece;
  });
}

describe("the first piece", () => {
  test("leaves at once", () => {
    const { stream, sent } = openStream();
    stream.push({ offset: 0, text: "a" });
    expect(sent).toEqual([{ offset: 0, text: "a" }]);
  });

  test("after a pause leaves at once again, however fast pieces came before", async () => {
    const { stream, sent, clock } = openStream();
    const text = inARow(Array<string>(100).fill("x"));
    for (const piece of text) {
      stream.push(piece);
      await clock.advance(5);
    }
    await clock.advance(2 * A_PAUSE);
    const before = sent.length;
    for (const piece of inARow(["a", "b"], 100)) {
      stream.push(piece);
      await clock.advance(10);
    }
    expect(sent.slice(before)).toEqual(inARow(["a", "b"], 100));
    expect(clock.sleeping).toBe(0);
  });
});

describe("pieces that come fast", () => {
  test("leave together when the window is over, and not before", async () => {
    const { stream, sent, clock } = openStream();
    for (const piece of inARow(["a", "b", "c"])) stream.push(piece);
    await clock.advance(9);
    stream.push({ offset: 3, text: "d" });
    expect(sent).toEqual([{ offset: 0, text: "a" }]);
    await clock.advance(1);
    expect(sent).toEqual(inARow(["a", "bcd"]));
  });

  test("wait for each other the longer the more of them come, though never more than 80 ms", async () => {
    const { stream, clock, sentAt } = openStream();
    for (const piece of inARow(Array<string>(400).fill("x"))) {
      stream.push(piece);
      await clock.advance(1);
    }
    expect(sentAt).toEqual([0, 10, 30, 70, 150, 230, 310, 390]);
    await clock.advance(A_PAUSE);
    expect(sentAt).toEqual([0, 10, 30, 70, 150, 230, 310, 390, 470]);
    expect(clock.sleeping).toBe(0);
  });

  test.each([
    { deltas: 250, perSecond: 100, frames: 35, bytes: 19 },
    { deltas: 5_000, perSecond: 100, frames: 629, bytes: 18 },
    { deltas: 250, perSecond: 500, frames: 10, bytes: 9 },
    { deltas: 5_000, perSecond: 1_000, frames: 66, bytes: 6 },
  ])(
    "$deltas at $perSecond a second take $frames frames, and at most $bytes bytes each on the wire",
    async ({ deltas, perSecond, frames, bytes }) => {
      const { stream, sent, clock } = openStream();
      for (const piece of inARow(Array<string>(deltas).fill(" tok"))) {
        stream.push(piece);
        await clock.advance(1_000 / perSecond);
      }
      await clock.advance(A_PAUSE);
      expect(sent.reduce(applyDelta, "")).toBe(" tok".repeat(deltas));
      expect(sent).toHaveLength(frames);
      const onTheWire = sent.reduce((sum, piece) => sum + sizeOnTheWire(piece), 0);
      expect(onTheWire / deltas).toBeLessThanOrEqual(bytes);
      expect(bytes).toBeLessThanOrEqual(BUDGET_BYTES);
    },
  );
});

describe("a flush", () => {
  test("of nothing sends nothing", () => {
    const { stream, sent } = openStream();
    stream.flush();
    expect(sent).toEqual([]);
  });

  test("sends what is pending at once, only once, and half a character as the sign for a lost one", async () => {
    const { stream, sent, clock } = openStream();
    for (const piece of inARow(["a", "b", `c${HIGH}`])) stream.push(piece);
    stream.flush();
    expect(sent).toEqual(inARow(["a", "bc\ufffd"]));
    expect(clock.sleeping).toBe(0);
    await clock.advance(A_PAUSE);
    expect(sent).toHaveLength(2);
  });
});

describe("a surrogate pair", () => {
  test("cut between two pieces waits for its second half", async () => {
    const { stream, sent, clock } = openStream();
    stream.push({ offset: 0, text: `a${HIGH}` });
    expect(sent).toEqual([{ offset: 0, text: "a" }]);
    await clock.advance(A_PAUSE);
    stream.push({ offset: 2, text: LOW });
    expect(sent).toEqual(inARow(["a", HIGH + LOW]));
  });

  test("whose first half is all there is sends no empty frame, and does not count as sent", async () => {
    const { stream, sent } = openStream();
    stream.push({ offset: 0, text: HIGH });
    expect(sent).toEqual([]);
    stream.push({ offset: 1, text: LOW });
    expect(sent).toEqual([{ offset: 0, text: HIGH + LOW }]);
  });

  test("is never split, however the text is cut and whatever time passes", async () => {
    const words = fc.string({ unit: codePoint, maxLength: 20 });
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(100)), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(words, cuts, async (text, steps) => {
        const { stream, sent, clock } = openStream();
        let offset = 0;
        for (const [size, pause] of steps) {
          stream.push({ offset, text: text.slice(offset, offset + size) });
          offset = Math.min(text.length, offset + size);
          await clock.advance(pause);
        }
        stream.push({ offset, text: text.slice(offset) });
        stream.flush();
        expect(sent.every((piece) => piece.text.isWellFormed())).toBe(true);
        expect(sent.map((piece) => piece.text).join("")).toBe(text);
      }),
    );
  });
});

describe("a piece that takes text back", () => {
  test("leaves after what was pending, and what follows it is gathered anew", async () => {
    const { stream, sent, clock } = openStream();
    for (const piece of inARow(["ab", "cd"])) stream.push(piece);
    stream.push({ offset: 1, text: "" });
    stream.push({ offset: 1, text: "x" });
    await clock.advance(A_PAUSE);
    expect(sent).toEqual([
      { offset: 0, text: "ab" },
      { offset: 2, text: "cd" },
      { offset: 1, text: "x" },
    ]);
    expect(sent.reduce(applyDelta, "")).toBe("ax");
  });

  test("leaves also where nothing follows it", () => {
    const { stream, sent } = openStream();
    stream.push({ offset: 0, text: "" });
    expect(sent).toEqual([{ offset: 0, text: "" }]);
  });
});

test("the pieces sent fold to what the pieces pushed fold to, whatever is taken back on the way", async () => {
  const move = fc.oneof(
    fc.record({ back: fc.constant(0), text: fc.string({ unit: codePoint, maxLength: 3 }) }),
    fc.record({ back: fc.nat(5), text: fc.string({ unit: codePoint, maxLength: 3 }) }),
    fc.nat(100),
    fc.constant("flush" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
      const { stream, sent, clock } = openStream();
      let pushed = "";
      for (const step of moves) {
        if (step === "flush") {
          stream.flush();
          expect(sent.reduce(applyDelta, "")).toBe(pushed);
        } else if (typeof step === "number") {
          await clock.advance(step);
        } else {
          const piece = { offset: Math.max(0, pushed.length - step.back), text: step.text };
          pushed = applyDelta(pushed, piece);
          stream.push(piece);
        }
      }
      await clock.advance(A_PAUSE);
      stream.flush();
      expect(sent.reduce(applyDelta, "")).toBe(pushed);
    }),
    { numRuns: 300 },
  );
});
