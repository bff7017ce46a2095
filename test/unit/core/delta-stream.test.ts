/** Many small pieces, few frames: the first at once, the rest together, and never a broken letter. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaStream, type TextPiece } from "../../../src/core/delta-stream.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { codePoint } from "../protocol/arbitraries.ts";
import { FakeClock } from "./fake-clock.ts";

const WINDOW_MS = 25;
const [HIGH, LOW] = ["\ud83d", "\ude00"] as const;

function openStream() {
  const clock = new FakeClock();
  const sent: TextPiece[] = [];
  const stream = new DeltaStream(clock, WINDOW_MS, (piece) => sent.push(piece));
  return { clock, sent, stream };
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

  test("after a pause leaves at once again", async () => {
    const { stream, sent, clock } = openStream();
    stream.push({ offset: 0, text: "a" });
    await clock.advance(WINDOW_MS);
    stream.push({ offset: 1, text: "b" });
    expect(sent).toEqual(inARow(["a", "b"]));
    expect(clock.sleeping).toBe(0);
  });
});

describe("pieces that come fast", () => {
  test("leave together when the window is over, and not before", async () => {
    const { stream, sent, clock } = openStream();
    for (const piece of inARow(["a", "b", "c"])) stream.push(piece);
    await clock.advance(WINDOW_MS - 1);
    stream.push({ offset: 3, text: "d" });
    expect(sent).toEqual([{ offset: 0, text: "a" }]);
    await clock.advance(1);
    expect(sent).toEqual(inARow(["a", "bcd"]));
  });

  test("take no more frames than there are windows, and leave no timer behind", async () => {
    const { stream, sent, clock } = openStream();
    for (const piece of inARow(Array<string>(1_000).fill("x"))) {
      stream.push(piece);
      await clock.advance(1);
    }
    await clock.advance(WINDOW_MS);
    expect(sent.reduce(applyDelta, "")).toBe("x".repeat(1_000));
    expect(sent.length).toBeLessThanOrEqual(1_000 / WINDOW_MS + 1);
    expect(clock.sleeping).toBe(0);
  });
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
    await clock.advance(WINDOW_MS);
    expect(sent).toHaveLength(2);
  });
});

describe("a surrogate pair", () => {
  test("cut between two pieces waits for its second half", async () => {
    const { stream, sent, clock } = openStream();
    stream.push({ offset: 0, text: `a${HIGH}` });
    expect(sent).toEqual([{ offset: 0, text: "a" }]);
    await clock.advance(WINDOW_MS);
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
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(40)), { maxLength: 20 });
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
    await clock.advance(WINDOW_MS);
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
    fc.nat(40),
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
      await clock.advance(WINDOW_MS);
      stream.flush();
      expect(sent.reduce(applyDelta, "")).toBe(pushed);
    }),
    { numRuns: 300 },
  );
});
