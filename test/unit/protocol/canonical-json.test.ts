/** Canonical JSON: one form for one value, as RFC 8785 has it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/protocol/canonical-json.ts";

describe("what is no JSON has no canonical form", () => {
  it.each([
    ["no number", Number.NaN],
    ["an infinite number", { a: [Number.POSITIVE_INFINITY] }],
    ["nothing", undefined],
    ["a function", [() => 1]],
    ["a big integer", 1n],
  ])("%s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

it("writes the RFC's own sample of numbers, strings and literals (3.2.2) as the RFC does", () => {
  const sample = JSON.parse(
    String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
  );
  expect(canonicalJson(sample)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

it("orders members by UTF-16 code units, as the RFC's sample does (3.2.3)", () => {
  const names = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"];
  const sorted = ["\r", "1", "\u0080", "ö", "€", "😀", "\ufb33"];
  const value = Object.fromEntries(names.map((name) => [name, 0]));
  expect(canonicalJson(value)).toBe(
    `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`,
  );
});

it("leaves out what is undefined, as storing it does", () => {
  expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
});

it("is the same for the same value, whatever the order of its members, and reads back as it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(turned(value))).toBe(text);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

/** @returns the value with the members of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([name, member]) => [name, turned(member)]));
}
