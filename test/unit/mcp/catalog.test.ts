/** What is believed of a server's list of tools: names, bounds, visible words, and a fingerprint of all of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_TOOLS, readCatalog } from "../../../src/mcp/catalog.ts";
import { nameTools } from "../../../src/mcp/tool-names.ts";

const tool = (more: object = {}) => ({
  name: "echo",
  description: "Says it again.",
  inputSchema: { type: "object", properties: { message: { type: "string" } } },
  ...more,
});

describe("Names", () => {
  test("are the server's and the tool's, under a prefix that no tool of ours has", () => {
    expect([...nameTools("files", ["read", "get-sum"]).values()]).toEqual([
      "mcp_files_read",
      "mcp_files_get_sum",
    ]);
  });

  test("that would come out the same are told apart, by marks that stay the same", () => {
    const names = nameTools("a", ["get-sum", "get_sum", "GET.SUM", "other"]);
    expect(new Set(names.values()).size).toBe(4);
    expect(names.get("other")).toBe("mcp_a_other");
    expect(nameTools("a", ["GET.SUM", "get_sum"]).get("get_sum")).toBe(names.get("get_sum"));
  });

  test("are one a tool, fit for every endpoint, and never of another server", () => {
    const server = fc.stringMatching(/^[a-z][a-z0-9]{0,23}$/);
    const tools = fc.uniqueArray(fc.stringMatching(/^[\x21-\x7e]{1,128}$/), { maxLength: 20 });
    fc.assert(
      fc.property(server, server, tools, tools, (one, other, first, second) => {
        const names = [...nameTools(one, first).values()];
        expect(new Set(names).size).toBe(first.length);
        for (const name of names) expect(name).toMatch(/^mcp_[a-z0-9_]{1,60}$/);
        if (one === other) return;
        const theirs = new Set(nameTools(other, second).values());
        expect(names.filter((name) => theirs.has(name))).toEqual([]);
      }),
    );
  });
});

describe("A list of tools leaves out", () => {
  test.each([
    ["a name that is none", tool({ name: "two words" })],
    ["a name that nobody sees", tool({ name: "echo\u200b" })],
    ["a tool without a schema", { name: "echo" }],
    ["a schema of no object", tool({ inputSchema: { type: "string" } })],
    [
      "a schema past all bounds",
      tool({ inputSchema: { type: "object", title: "x".repeat(9_000) } }),
    ],
    ["what is no tool", "echo"],
  ])("%s", async (_name, listed) => {
    expect(await readCatalog("a", [listed])).toEqual({ tools: [], leftOut: 1 });
  });

  test("what is past the most tools, what is past the most text, and a name said twice", async () => {
    const many = Array.from({ length: MAX_TOOLS + 3 }, (_, index) => tool({ name: `t${index}` }));
    expect(await readCatalog("a", many)).toMatchObject({ leftOut: 3 });
    const large = many.slice(0, MAX_TOOLS).map(({ name }) => {
      return tool({ name, inputSchema: { type: "object", title: "x".repeat(8_000) } });
    });
    const { tools, leftOut } = await readCatalog("a", large);
    expect(JSON.stringify(tools).length).toBeLessThan(300_000);
    expect(leftOut).toBeGreaterThan(20);
    expect(await readCatalog("a", [tool(), tool()])).toMatchObject({ leftOut: 1 });
  });
});

describe("What a server says of a tool", () => {
  test("is shown without characters that hide or turn the rest, also within its schema", async () => {
    const hidden = "Adds.\u202eevil\u{e0041}\u0007\u200b";
    const inputSchema = { type: "object", description: hidden };
    const { tools } = await readCatalog("a", [tool({ description: hidden, inputSchema })]);
    expect(tools[0]?.description).toBe("Adds. evil");
    expect(tools[0]?.parameters.description).toBe("Adds. evil");
  });

  test("is cut to what a model is shown, and known by all of it", async () => {
    const long = "x".repeat(5_000);
    const { tools } = await readCatalog("a", [tool({ description: `${long}one` })]);
    const other = await readCatalog("a", [tool({ description: `${long}two` })]);
    expect(tools[0]?.description).toHaveLength(1_024);
    expect(tools[0]?.fingerprint).not.toBe(other.tools[0]?.fingerprint);
  });

  test.each([
    ["its description", { description: "Says it again!" }],
    ["what nobody sees", { description: "Says it again.\u200b" }],
    ["its schema", { inputSchema: { type: "object", properties: { bcc: { type: "string" } } } }],
    ["its annotations", { annotations: { readOnlyHint: true } }],
    ["what the protocol does not know", { more: 1 }],
  ])("has another fingerprint after a change of %s", async (_name, more) => {
    const before = await readCatalog("a", [tool()]);
    const after = await readCatalog("a", [tool(more)]);
    expect(after.tools[0]?.fingerprint).not.toBe(before.tools[0]?.fingerprint);
  });

  test("has the same fingerprint in another order of its fields", async () => {
    const before = await readCatalog("a", [tool()]);
    const after = await readCatalog("a", [Object.fromEntries(Object.entries(tool()).toReversed())]);
    expect(after).toEqual(before);
  });
});
