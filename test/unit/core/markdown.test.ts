/** Markdown of names that come from elsewhere, and of figures. */
import { describe, expect, it } from "vitest";
import { plain, table } from "../../../src/core/markdown.ts";

describe("a name from the records", () => {
  it("cannot end a cell, start a line or add markup", () => {
    expect(plain("a|b\n# [x](y) **z** <b>")).toBe("a\\|b \\# \\[x\\](y) \\*\\*z\\*\\* \\<b\\>");
    expect(table(["name"], [["a|b"], ["c\nd"]])).toBe("| name |\n| --- |\n| a\\|b |\n| c d |");
  });
});

describe("a table", () => {
  const marks = (...column: string[]) =>
    table(
      ["it"],
      column.map((cell) => [cell]),
    ).split("\n")[1];

  it("is nothing without rows", () => {
    expect(table(["name"], [])).toBe("");
  });

  it.each([
    [["$1,234.50", "-$3.00", "+$0.0123"]],
    [["33.3%", "unknown"]],
    [["1,500 ms", "–"]],
    [["$1.00 ($0.50 to $2.00)"]],
  ])("has figures to the right: %j", (column) => {
    expect(marks(...column)).toBe("| ---: |");
  });

  it.each([[["2026-10-22", "2026-10-23"]], [["growth", "12"]], [["gpt-5.4"]], [["unknown", "–"]]])(
    "has names, moments and gaps to the left: %j",
    (column) => {
      expect(marks(...column)).toBe("| --- |");
    },
  );
});
