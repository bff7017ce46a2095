/** Text that can only be appended to: it ends with the answer, whatever was taken back on the way. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppendedText } from "../../../src/doors/appended-text.ts";

test("what stands is told once, also where a stream is begun again and says the same", () => {
  const text = new AppendedText();
  const told = [
    text.hear({ offset: 0, text: "Good " }),
    text.hear({ offset: 5, text: "day" }),
    text.hear({ offset: 0, text: "" }),
    text.hear({ offset: 0, text: "Good day, Ada" }),
    text.end("Good day, Ada."),
  ];
  expect(told).toEqual(["Good ", "day", "", ", Ada", "."]);
});

test("what does not stand is followed by the whole answer, and never by a part of it", () => {
  const text = new AppendedText();
  text.hear({ offset: 0, text: "Good day" });
  expect(text.hear({ offset: 0, text: "Hello" })).toBe("");
  expect(text.hear({ offset: 5, text: ", Ada" })).toBe("");
  expect(text.end("Hello, Ada")).toBe("\n\nHello, Ada");
  expect(text.told).toBe("Good day\n\nHello, Ada");
});

test("whatever pieces come, the end of what was told is the answer", () => {
  const piece = fc.record({ offset: fc.nat({ max: 12 }), text: fc.string({ maxLength: 6 }) });
  fc.assert(
    fc.property(fc.array(piece), fc.string(), (pieces, whole) => {
      const text = new AppendedText();
      const told = pieces.map((each) => text.hear(each));
      expect([...told, text.end(whole)].join("")).toBe(text.told);
      expect(text.told.endsWith(whole)).toBe(true);
    }),
  );
});
