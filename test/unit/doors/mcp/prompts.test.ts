/** The example questions: each can be asked with nothing given, and refuses what it has no place for. */
import { describe, expect, it } from "vitest";
import { PROMPTS } from "../../../../src/doors/mcp/prompts.ts";

describe.each(PROMPTS.map((prompt) => [prompt.listing.name, prompt] as const))(
  "%s",
  (_, prompt) => {
    it("asks in full with no places filled", () => {
      const [message] = prompt.get({}).messages;

      expect(JSON.stringify(message)).not.toContain("undefined");
    });

    it("says what it was given, in each of its places", () => {
      for (const { name } of prompt.listing.arguments ?? []) {
        expect(JSON.stringify(prompt.get({ [name]: "4711" }))).toContain("4711");
      }
    });

    it("refuses a place that it has not", () => {
      expect(() => prompt.get({ nothing: "x" })).toThrow("nothing: is not known here");
    });
  },
);
