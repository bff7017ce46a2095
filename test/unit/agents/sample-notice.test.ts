/** A real model is told wherever it reads figures of the sample company that they are not the user's. */
import { expect, test } from "vitest";
import { AGENT_NAMES, findAgent } from "../../../src/agents/roster.ts";
import { isOfSample, SAMPLE_NOTICE } from "../../../src/core/sample-notice.ts";

test("results over the sample company are known, and no others", () => {
  expect(isOfSample({ assumptions: ["Other.", SAMPLE_NOTICE] })).toBe(true);
  expect(isOfSample({ assumptions: ["The records are those of your own workspace."] })).toBe(false);
  expect(isOfSample({ error: {} })).toBe(false);
});

test.each(AGENT_NAMES)("the agent %s is told to say so", (name) => {
  expect(findAgent(name)?.instructions).toContain(SAMPLE_NOTICE);
});
