/** What is wrong with a server is told as a sentence, and told again from it. */
import { expect, test } from "vitest";
import { problemIn, problemSentence } from "../../../src/mcp/problems.ts";
import { McpProblemCode } from "../../../src/protocol/mcp-servers.ts";

test.each(McpProblemCode.options)(
  "%s is told again from its sentence, with what it names",
  (code) => {
    const sentence = problemSentence(code, "a 'thing' {} $& of 5. KiB.");
    const names = sentence.includes("thing");
    expect(problemIn(sentence)).toEqual({
      code,
      named: names ? "a 'thing' {} $& of 5. KiB." : null,
    });
  },
);

test("each has a sentence of its own", () => {
  const sentences = McpProblemCode.options.map((code) => problemSentence(code, 5));
  expect(new Set(sentences).size).toBe(sentences.length);
});

test.each(["", "It is away.", "It answered with status 500", "it refused: what"])(
  "%j is none of them",
  (sentence) => expect(problemIn(sentence)).toBeNull(),
);
