/** What an answer that has to be JSON is held to: read as programs would, or told what is wrong with it. */
import { expect, test } from "vitest";
import { FLAG } from "../../../../src/core/grounding/known-figures.ts";
import { jsonDemandOf } from "../../../../src/doors/openai/json-demand.ts";
import type { Json } from "../../../../src/protocol/json.ts";

const SCHEMA = {
  type: "object",
  properties: { team: { type: "string" }, usd: { type: "number", minimum: 0 } },
  required: ["team", "usd"],
  additionalProperties: false,
};
const demand = jsonDemandOf({ type: "json_schema", schema: SCHEMA }, "schema");
const anyObject = jsonDemandOf({ type: "json_object" }, "response_format");

test("text may be anything", () => {
  expect(jsonDemandOf({ type: "text" }, "response_format")).toBeNull();
});

test("the agent is told the schema", () => {
  expect(demand?.instructions).toContain(JSON.stringify(SCHEMA));
  expect(anyObject?.instructions).toContain("one JSON object");
});

test.each([
  ["as it is", '{"team":"search","usd":7}', '{"team":"search","usd":7}'],
  ["out of a fence", '```json\n{"team":"search","usd":7}\n```', '{"team":"search","usd":7}'],
  ["without flags", `{"team":"search","usd":7${FLAG}}\n`, '{"team":"search","usd":7}'],
])("what fits is read %s", (_, answer, json) => {
  expect(demand?.read(answer)).toEqual({ ok: true, json });
});

test.each([
  ["no JSON", "It is search.", "It is not JSON."],
  ["JSON with words around it", 'Here: {"team":"search","usd":7}', "It is not JSON."],
  ["JSON that lacks a field", '{"team":"search"}', "usd"],
  ["JSON of another type", '{"team":"search","usd":"7"}', "usd"],
  ["JSON out of bounds", '{"team":"search","usd":-1}', "usd"],
  ["JSON with more than was asked for", '{"team":"search","usd":7,"why":1}', "why"],
])("%s is told what is wrong with it", (_, answer, fault) => {
  expect(demand?.read(answer)).toEqual({ ok: false, fault: expect.stringContaining(fault) });
});

test("any object is one, and nothing else", () => {
  expect(anyObject?.read('{"a":[1]}').ok).toBe(true);
  for (const answer of ["[1]", "7", "null", '"text"']) {
    expect(anyObject?.read(answer).ok).toBe(false);
  }
});

test("a pattern is told, and never run: it could take for ever", () => {
  const pattern = "^(a+)+$";
  const within = {
    properties: { pattern: { type: "string", pattern } },
    patternProperties: { [pattern]: { type: "string" } },
    required: ["pattern"],
  };
  const schema = { type: "object", ...within, allOf: [within], $defs: { deep: within } };
  const asked = jsonDemandOf({ type: "json_schema", schema }, "schema");
  expect(asked?.instructions).toContain(JSON.stringify(pattern));
  const answer = JSON.stringify({ pattern: `${"a".repeat(64)}!` });
  expect(asked?.read(answer)).toEqual({ ok: true, json: answer });
  expect(asked?.read("{}")).toMatchObject({ ok: false, fault: expect.stringContaining("pattern") });
});

/** A schema whose parts refer to each other twice each: doubled with every one of them. */
function doubled(parts: number) {
  const twice = (name: string) => ({ allOf: [{ $ref: name }, { $ref: name }] });
  const names = Array.from({ length: parts }, (_, index) => `#/$defs/d${index}`);
  const defs = names.map((name, index): [string, Json] => [`d${index + 1}`, twice(name)]);
  return {
    $ref: `#/$defs/d${parts}`,
    $defs: { d0: { type: "string" }, ...Object.fromEntries(defs) },
  };
}

test("references that unfold without measure are refused: they could take for ever", () => {
  const ask = (parts: number) =>
    jsonDemandOf({ type: "json_schema", schema: doubled(parts) }, "at");
  expect(() => ask(18)).toThrow("must be a JSON Schema that can be kept");
  expect(() => ask(60)).toThrow("unfold");
  expect(ask(4)?.read('"x"')).toEqual({ ok: true, json: '"x"' });
});

test("a schema that refers to itself is kept as far as there is time", () => {
  const next = { type: "object", properties: { next: { $ref: "#" } } };
  const nested = (levels: number) => `${'{"next":'.repeat(levels)}{}${"}".repeat(levels)}`;
  const list = jsonDemandOf({ type: "json_schema", schema: next }, "at");
  const twice = { allOf: [next, next] };
  const bomb = jsonDemandOf({ type: "json_schema", schema: twice }, "at");
  expect(list?.read(nested(60)).ok).toBe(true);
  expect(bomb?.read(nested(3)).ok).toBe(true);
  expect(bomb?.read(nested(16))).toMatchObject({
    ok: false,
    fault: expect.stringContaining("check"),
  });
});
