/** The list's small sums: stretches of time, found words, names of files. */
import { describe, expect, test } from "vitest";
import { Thread } from "../../../../src/protocol/entities.ts";
import { fileName } from "../../../../src/web/threads/save-file.ts";
import { cutAtWords } from "../../../../src/web/threads/search-results.tsx";
import { groupsOf } from "../../../../src/web/threads/thread-groups.ts";
import { EN } from "../../../../src/web/words/en.ts";
import { thread } from "../../client/frames.ts";

describe("threads by when they began", () => {
  const now = new Date(2026, 10, 22, 9);
  const begun = (...at: [number, number, number, number?]) =>
    Thread.parse({ ...thread("t", null), created_at: new Date(...at).toISOString() });

  test("are of today since midnight, of yesterday, of a week, and of months before", () => {
    const groups = groupsOf(
      [
        begun(2026, 10, 22, 0),
        begun(2026, 10, 21, 23),
        begun(2026, 10, 15),
        begun(2026, 10, 14),
        begun(2026, 9, 31),
        begun(2025, 10, 22),
      ],
      EN.threads,
      "en",
      now.getTime(),
    );
    expect(groups.map(({ name, threads }) => [name, threads.length])).toEqual([
      ["Today", 1],
      ["Yesterday", 1],
      ["The last seven days", 1],
      ["November 2026", 1],
      ["October 2026", 1],
      ["November 2025", 1],
    ]);
  });
});

describe("a text cut at the words of a search", () => {
  test.each([
    ["What do we pay?", "WE pay", ["What do ", "*we", " ", "*pay", "?"]],
    ["a.b (c) $5", "(c) $5", ["a.b ", "*(c)", " ", "*$5"]],
    ["nothing here", "else", ["nothing here"]],
    ["anything", " ", ["anything"]],
  ])("%j by %j", (text, words, pieces) => {
    const cut = cutAtWords(text, words);
    expect(cut.map(({ piece, isFound }) => (isFound ? `*${piece}` : piece))).toEqual(pieces);
    expect(cut.map(({ piece }) => piece).join("")).toBe(text);
  });
});

describe("a file is named", () => {
  test.each([
    ["Costs of spring.md", "Costs of spring.md"],
    ["../../etc/passwd.md", "etc passwd.md"],
    ['a/b\\c:d*e?"<f>|g.json', "a b c d e f g.json"],
    ["???.csv", "thread.csv"],
    [`${"x".repeat(200)}.md`, `${"x".repeat(80)}.md`],
  ])("%j: %j", (given, name) => expect(fileName(given)).toBe(name));
});
