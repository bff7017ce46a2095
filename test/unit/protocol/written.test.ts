/** What a client has of an answer, and what a resume brings: the rest where that is sure to fit, else all of it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Resume } from "../../../src/protocol/commands.ts";
import { MessageId } from "../../../src/protocol/ids.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { missing, writtenOf } from "../../../src/protocol/written.ts";

const id = MessageId.parse("01.answer");
const snapshot = (text: string) => ({
  type: "message_delta" as const,
  message_id: id,
  offset: 0,
  text,
});
/** What a client shows that resumes with one text, where another is written. */
function resumed(has: string, written: string): string {
  const rest = missing(snapshot(written), writtenOf(id, has));
  return rest === null ? has : applyDelta(has, rest);
}

test("every client computes the same hash", () => {
  expect(writtenOf(id, "")).toBe("01.answer.0.811c9dc5");
  expect(writtenOf(id, "Good day")).toBe("01.answer.8.7ebf132a");
  expect(writtenOf(id, "Grüße, 🙂")).toBe("01.answer.9.a12228ab");
});

test("a text is completed by what it lacks alone, wherever it was cut", () => {
  const whole = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(whole, fc.nat(200), (text, at) => {
      const has = text.slice(0, at);
      const rest = missing(snapshot(text), writtenOf(id, has));
      expect(rest?.text ?? "").toBe(text.slice(has.length));
      expect(resumed(has, text)).toBe(text);
    }),
  );
});

test("a text that was written otherwise is replaced, however much of it is the same", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "🙂"), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (has, written) => {
      expect(resumed(has, written)).toBe(written);
    }),
  );
  expect(missing(snapshot("Good night"), writtenOf(id, "Good day"))).toEqual(
    snapshot("Good night"),
  );
  expect(missing(snapshot(""), writtenOf(id, "Good day"))).toEqual(snapshot(""));
});

test("the text of another answer counts for nothing, and so does none at all", () => {
  const other = writtenOf(MessageId.parse("02"), "Good");
  expect(missing(snapshot("Good day"), other)).toEqual(snapshot("Good day"));
  expect(missing(snapshot("Good day"), undefined)).toEqual(snapshot("Good day"));
});

test("a command that resumes may say it, and is refused where it says something else", () => {
  const command = { type: "resume", after: 3, epoch: "e" };
  expect(Resume.safeParse(command).success).toBe(true);
  expect(Resume.safeParse({ ...command, written: writtenOf(id, "Good") }).success).toBe(true);
  for (const written of ["", "01.8", "01.8.7ebf132", "01.-8.7ebf132a", "01.8.7EBF132A", 8]) {
    expect(Resume.safeParse({ ...command, written }).success).toBe(false);
  }
});
