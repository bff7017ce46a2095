/** Untrusted text on a terminal: what must not come through, and what must. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine, plain, plainSoFar } from "../../../src/terminal/plain-text.ts";

test.each([
  ["a colour", "\u001b[31mred\u001b[0m", "red"],
  ["an eight-bit control sequence", "\u009b2Jwiped", "wiped"],
  ["a window title", "\u001b]0;owned\u0007title", "title"],
  ["a link", "\u001b]8;;http://x.test\u001b\\here\u001b]8;;\u001b\\", "here"],
  ["a full reset", "\u001bcreset", "reset"],
  ["a control string without an end", "\u001b]0;all the rest", "0;all the rest"],
  ["carriage returns, bells and backspaces", "a\rb\u0007c\bd", "abcd"],
  ["a turned direction of writing", "abc\u202etxt.exe", "abctxt.exe"],
])("%s does not reach the terminal", (_, text, printed) => {
  expect(plain(text)).toBe(printed);
});

test("letters of every script, emoji, tabs and line feeds stay", () => {
  const text = "Grüße,\tмир 世界 👩‍🚀\n$5";
  expect(plain(text)).toBe(text);
});

const hostile = fc.string({
  unit: fc.constantFrom(
    "\u001b",
    "\u009b",
    "[",
    "]",
    "3",
    ";",
    "m",
    "\u0007",
    "\\",
    "\n",
    "a",
    " ",
  ),
  maxLength: 40,
});

test("no text, however hostile, leaves a control character", () => {
  fc.assert(fc.property(hostile, (text) => !/[^\P{Cc}\t\n]/u.test(plain(text))));
});

test("what is printed of a growing text is never taken back by its growth", () => {
  fc.assert(
    fc.property(hostile, hostile, (start, more) => {
      expect(plainSoFar(start + more).startsWith(plainSoFar(start))).toBe(true);
      expect(plain(start + more).startsWith(plainSoFar(start))).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});

test("one line holds no breaks, and no more than was asked", () => {
  expect(oneLine(" a\n\n  b\tc ")).toBe("a b c");
  expect(oneLine("abcdef", 4)).toBe("abc…");
});
