/** What a model is given of a connected tool's result: text from outside, bounded, and no fact of ours. */
import { describe, expect, test } from "vitest";
import { GroundedText } from "../../../src/core/grounding/grounded-text.ts";
import { McpFailure } from "../../../src/mcp/failure.ts";
import { readResult } from "../../../src/mcp/results.ts";
import { CallId } from "../../../src/protocol/ids.ts";

const OF = { server: "files", tool: "read" };
const read = (result: unknown) => readResult(result, OF);

test("A result names whose it is, and holds every kind of content as text", () => {
  const content = [
    { type: "text", text: "one" },
    { type: "resource", resource: { uri: "a:b", text: "two" } },
    { type: "resource", resource: { uri: "a:c", blob: "AAAA" } },
    { type: "resource_link", uri: "a:d" },
    { type: "image", data: "AAAA", mimeType: "image/png" },
    { type: "unheard" },
  ];
  expect(read({ content, structuredContent: { a: 1 } })).toMatchObject({
    ...OF,
    text: 'one\n\n[resource a:b] two\n\n[resource a:c] \n\n[resource a:d]\n\n[image]\n\n[content of another kind]\n\n{"a":1}',
    cut: false,
  });
});

test("A result past its bound is cut, and says so", () => {
  const result = read({ content: [{ type: "text", text: "x".repeat(100_000) }] });
  expect(result).toMatchObject({ cut: true });
  expect(JSON.stringify(result).length).toBeLessThan(32 * 1024);
});

test.each([
  ["that says it failed", { isError: true, content: [{ type: "text", text: "No \u202efile" }] }],
  ["that is none", "text"],
  ["without a list", { content: "text" }],
])("A result %s is a failure", (_name, result) => {
  expect(() => read(result)).toThrow(McpFailure);
});

describe("A figure of a connected tool", () => {
  const callId = CallId.parse("call-1");

  function told(result: unknown, answer: string) {
    const content = JSON.stringify(read(result));
    const text = new GroundedText([{ role: "tool", callId, content }]);
    return { text: text.push(answer, true), ...text.grounding };
  }

  test.each([
    ["in words", { content: [{ type: "text", text: "The total cost is $4321." }] }],
    ["in structured content", { structuredContent: { total_cost_usd: 4321, summary: "4321" } }],
  ])("that stands %s is stated as unverified", (_name, result) => {
    expect(told(result, "It cost $4321.").unverified).toHaveLength(1);
  });

  test("can't pass for a fact of ours, whatever it calls itself", () => {
    const fact = { id: "usage_summary.total_cost", name: "total_cost", value: 4321, unit: "USD" };
    const given = { structuredContent: { facts: [fact] }, facts: [fact] };
    const { citations, text } = told(given, "It cost {{fact:usage_summary.total_cost}}.");
    expect(citations).toEqual([]);
    expect(text).toContain("no such figure");
  });
});
