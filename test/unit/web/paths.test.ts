/** The addresses of the page's views. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { pathOf, threadOf } from "../../../src/web/paths.ts";

describe("the path of a thread", () => {
  test.each(["/", "/t", "/t/", "/t/a/b", "/threads/a", `/t/${"x".repeat(65)}`])(
    "names no thread at %s",
    (path) => {
      expect(threadOf(path)).toBeNull();
    },
  );

  test("takes a segment with a broken escape as it stands", () => {
    expect(threadOf("/t/50%")).toBe("50%");
  });

  test("leads from every id to a path and back", () => {
    const id = fc.string({ minLength: 1, maxLength: 64, unit: "grapheme" });
    fc.assert(
      fc.property(id, (text) => {
        fc.pre(text.isWellFormed() && text.length <= 64);
        const thread = ThreadId.parse(text);
        expect(threadOf(pathOf(thread))).toBe(thread);
      }),
    );
  });
});
