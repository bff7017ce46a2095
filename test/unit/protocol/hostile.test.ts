/** Hostile content is refused by name or kept exactly: nothing is bent on its way in silence. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import * as api from "../../../src/protocol/api.ts";
import { Command } from "../../../src/protocol/commands.ts";
import { Metadata } from "../../../src/protocol/entities.ts";
import { Json } from "../../../src/protocol/json.ts";
import { MAX_JSON_DEPTH, MAX_MESSAGE_LENGTH } from "../../../src/protocol/limits.ts";
import * as paging from "../../../src/protocol/paging.ts";
import { parseInput } from "../../../src/protocol/parse-input.ts";

const HALF = "half \ud83d of a pair";
const NUL = "before\u0000after";

function issues(schema: z.ZodType, input: unknown): string[] {
  const parsed = schema.safeParse(input);
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function nested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}

describe("text that is to be stored", () => {
  test.each<[name: string, schema: z.ZodType, field: string, rest: object]>([
    ["a message", Command, "content", { type: "user_message" }],
    ["a posted message", api.PostMessageBody, "content", {}],
    ["an idempotency key", api.PostMessageBody, "client_message_id", { content: "hi" }],
    ["an agent's name", api.PostMessageBody, "agent", { content: "hi" }],
    ["a model's name", api.PostMessageBody, "model", { content: "hi" }],
    ["a title", api.CreateThreadBody, "title", {}],
    ["a new title", api.UpdateThreadBody, "title", {}],
    ["a person's name", api.RegisterBody, "name", { email: "a@b.co", password: "0123456789" }],
    ["a new password", api.RegisterBody, "password", { email: "a@b.co" }],
  ])("%s holds neither half a surrogate pair nor a NUL", (_name, schema, field, rest) => {
    expect(issues(schema, { ...rest, [field]: HALF })).toEqual([
      `${field}: must not hold half of a surrogate pair`,
    ]);
    expect(issues(schema, { ...rest, [field]: NUL })).toEqual([
      `${field}: must not hold a NUL character`,
    ]);
  });

  test.each(["", " ", "\n\t", "\u00a0\u3000"])("a message of %j is blank", (content) => {
    expect(issues(api.PostMessageBody, { content })).toContain("content: must not be blank");
  });

  test("a message is refused past its length, and kept up to it", () => {
    const longest = "x".repeat(MAX_MESSAGE_LENGTH);
    expect(issues(api.PostMessageBody, { content: `${longest}x` })).toEqual([
      `content: must be at most ${MAX_MESSAGE_LENGTH} characters`,
    ]);
    expect(api.PostMessageBody.parse({ content: longest })).toEqual({ content: longest });
  });

  test.each([
    "👩‍👩‍👧‍👦 é e\u0301 \u202e right to left \ufeff",
    "'; DROP TABLE messages; --",
    "<script>alert(1)</script>",
    "  spaces around  \r\n",
    "__proto__",
  ])("a message of %j is kept exactly", (content) => {
    expect(api.PostMessageBody.parse({ content })).toEqual({ content });
  });
});

describe("labels of a thread", () => {
  test.each([
    ["33 entries", Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, ""]))],
    ["a key too long", { ["k".repeat(65)]: "" }],
    ["a value too long", { k: "v".repeat(513) }],
    ["an empty key", { "": "" }],
    ["a value that is no text", { k: 1 }],
    ["half a surrogate pair", { k: HALF }],
    ["a NUL in a key", { [NUL]: "v" }],
  ])("are refused for %s", (_name, labels) => {
    expect(Metadata.safeParse(labels).success).toBe(false);
  });

  test("hold names of the object prototype as plain text", () => {
    const labels = JSON.parse('{"constructor": "a", "toString": "b"}');
    expect(Metadata.parse(labels)).toEqual(labels);
  });

  test("never take __proto__ for a label, nor for a prototype", () => {
    const labels = Metadata.parse(JSON.parse('{"__proto__": "x", "k": "v"}'));
    expect(Object.entries(labels)).toEqual([["k", "v"]]);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });
});

describe("a JSON value", () => {
  test.each([
    ["a number past what JSON carries", '{"a": [1e999]}', "must hold finite numbers only"],
    ["a __proto__ key", '{"a": [{"__proto__": {"admin": true}}]}', "must not hold a __proto__ key"],
  ])("is refused by name for %s", (_name, text, message) => {
    expect(issues(Json, JSON.parse(text))).toEqual([`: ${message}`]);
  });

  test("is refused by name past its depth, however deep, and kept up to it", () => {
    const refusal = [`: must nest at most ${MAX_JSON_DEPTH} levels deep`];
    expect(issues(Json, nested(MAX_JSON_DEPTH + 1))).toEqual(refusal);
    expect(issues(Json, nested(100_000))).toEqual(refusal);
    expect(Json.parse(nested(MAX_JSON_DEPTH))).toEqual(nested(MAX_JSON_DEPTH));
  });

  test("keeps half a surrogate pair through JSON, which escapes it", () => {
    expect(Json.parse(JSON.parse(JSON.stringify({ a: HALF })))).toEqual({ a: HALF });
  });
});

describe("a frame or a body", () => {
  test("is not bent by a __proto__ field", () => {
    const ping = JSON.parse('{"type": "ping", "__proto__": {"type": "cancel"}}');
    const parse = () => parseInput(Command, ping, "the command");
    expect(parse).toThrow("In the command: __proto__: is not known here");
  });

  test("refuses an unknown field of any depth by its name", () => {
    const parse = () => parseInput(Command, { type: "ping", deep: nested(100_000) }, "the command");
    expect(parse).toThrow("In the command: deep: is not known here");
  });

  test.each(["1e999", "0", "101", "1.5", "", "ten"])("a page of %j is refused", (limit) => {
    expect(issues(paging.PageQuery, { limit })[0]).toMatch(/^limit: /);
  });

  test("a position of 1e999 is refused", () => {
    const resume = JSON.parse('{"type": "resume", "epoch": "e", "after": 1e999}');
    expect(issues(Command, resume)[0]).toMatch(/^after: /);
  });

  test("an unknown command is refused with the commands there are", () => {
    expect(issues(Command, { type: "shout" })[0]).toMatch(/^type: .*'user_message'.*'ping'/);
  });

  test("a change of nothing is refused", () => {
    expect(issues(api.UpdateThreadBody, {})).toEqual([": must hold a title or metadata"]);
  });
});
