/** Markdown is cut where cutting changes nothing: the blocks read as the whole does. */
import fc from "fast-check";
import type { Nodes } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { describe, expect, test } from "vitest";
import { blocksOf, definitionsOf } from "../../../src/web/conversation/blocks.ts";

const parser = unified().use(remarkParse).use(remarkGfm, { singleTilde: false });

/** @returns what Markdown reads as, without where it stands. */
function read(text: string): unknown {
  return parser.parse(text).children.map(bare);
}

function bare(node: Nodes): unknown {
  const { position: _, ...rest } = node;
  return "children" in node ? { ...rest, children: node.children.map(bare) } : rest;
}

/** Lines as models write them, that begin, end or look like beginning what holds several lines. */
const LINES = [
  "",
  "",
  "",
  "A sentence with **bold** words.",
  "# A heading",
  "- an item",
  "* another",
  "+ one more",
  "1. first",
  "2) second",
  "12 monkeys",
  "  - an inner item",
  "    indented",
  "\tindented by a tab",
  "```",
  "```ts",
  "~~~",
  "````md",
  "``` inline ``` code",
  "- ```js",
  "  ```",
  "> a quote",
  "> ```",
  "| a | b |",
  "| - | - |",
  "| 1 | 2 |",
  "---",
  "===",
  "<div>",
  "</div>",
  "***",
];

describe("the blocks of an answer", () => {
  test("make up the text", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LINES)), (lines) => {
        const text = lines.join("\n");
        const blocks = blocksOf(text);
        expect(blocks.map((block) => block.text).join("")).toBe(text);
        for (const { start, text: part } of blocks) {
          expect(text.slice(start, start + part.length)).toBe(part);
        }
      }),
    );
  });

  test("read as the whole does", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LINES), { maxLength: 12 }), (lines) => {
        const text = lines.join("\n");
        expect(blocksOf(text).flatMap((block) => read(block.text))).toEqual(read(text));
      }),
      { numRuns: 300 },
    );
  });

  test("stay as they are while the answer grows, but for the last", () => {
    const text = "# One\n\nTwo\n\n- three\n\n- four\n\n```\na\n\nb\n```\n\nFive";
    for (let end = 1; end < text.length; end++) {
      const settled = blocksOf(text.slice(0, end)).slice(0, -1);
      // A list may yet take in what looks like the beginning of another block.
      expect(blocksOf(text).slice(0, settled.length)).toEqual(settled);
    }
    expect(blocksOf(text)).toHaveLength(5);
  });

  test("know the addresses that are named anywhere in the answer", () => {
    const text = "See [the docs][1].\n\nMore.\n\n[1]: https://example.com/docs\n[^n]: A note.";
    expect(definitionsOf(text)).toBe("[1]: https://example.com/docs");
    expect(definitionsOf("Nothing.")).toBe("");
  });

  test("are one where footnotes hold them together", () => {
    expect(blocksOf("One.[^1]\n\nTwo.\n\n[^1]: A note.")).toHaveLength(1);
  });
});
