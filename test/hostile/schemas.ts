/** Values for the schemas of the OpenAPI document, fitting and not; and whether an answer fits its own. */
import fc, { type Arbitrary } from "fast-check";
import { z } from "zod";
import type { Schema } from "./operations.ts";

/** Text that tends to be taken for something else than text. */
const NASTY = fc.constantFrom(
  "",
  " ",
  "null",
  "-1",
  "1e999",
  "__proto__",
  "' OR 1=1 --",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\ud800",
  "\u202e",
  "\r\nX: y",
  "<script>",
  "x".repeat(300),
  "x".repeat(20_000),
);

const garbage: Arbitrary<unknown> = fc.oneof(
  NASTY,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, true, 0, -1, 1.5, 2 ** 53, 1e300, [], {}, [[]]),
);

/** Text of any kind, for places that hold nothing else: paths, queries, headers. */
export const someText: Arbitrary<string> = fc.oneof(NASTY, fc.string({ unit: "binary" }));

/** @returns values that fit a schema as the document tells of it; what it leaves out, some may miss. */
export function fitting(schema: Schema): Arbitrary<unknown> {
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) return fc.oneof(...options.map(fitting));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type) => fitting({ ...schema, type })));
  }
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1e6, 1e6) });
    case "number":
      return fc.double({ min: schema.minimum ?? 0, max: 1e6, noNaN: true }).map((x) => x + 0);
    case "string":
      return textOf(schema);
    case "array":
      return fc.array(fitting(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, 3),
      });
    case "object":
      return objectOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** @returns values that nearly fit: one thing of a fitting one is left out, swapped, or added. */
export function bent(schema: Schema): Arbitrary<unknown> {
  return fc
    .tuple(fitting(schema), fc.nat(), fc.constantFrom("drop", "swap", "add"), garbage)
    .map(([value, at, how, other]) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return other;
      const entries = Object.entries(value);
      const name = entries[at % Math.max(entries.length, 1)]?.[0] ?? "";
      if (how === "drop") return Object.fromEntries(entries.filter(([key]) => key !== name));
      return { ...value, [how === "swap" ? name : `added_${at}`]: other };
    });
}

/** @returns bodies of every kind: fitting, bent, garbage as JSON, and no JSON at all. */
export function bodyFor(schema: Schema): Arbitrary<string> {
  const written = (value: unknown) => JSON.stringify(value) ?? "";
  return fc.oneof(
    { weight: 3, arbitrary: fitting(schema).map(written) },
    { weight: 3, arbitrary: bent(schema).map(written) },
    { weight: 1, arbitrary: garbage.map(written) },
    { weight: 1, arbitrary: someText },
  );
}

/** @returns a parser of what a schema describes, by the zod that made it. */
export function parserOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): z.ZodType {
  const definitions = { $defs: schemas };
  const text = JSON.stringify({ ...schema, ...definitions });
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")));
}

function textOf({ format, pattern, minLength = 0, maxLength = 1_000 }: Schema): Arbitrary<string> {
  if (format === "email")
    return fc.stringMatching(/^[a-z0-9]{1,20}$/).map((x) => `${x}@example.com`);
  if (format === "date-time") {
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date("2999-12-31") })
      .map((x) => x.toISOString());
  }
  if (format === undefined && pattern !== undefined) return matching(pattern);
  // A grapheme takes several code units, and those are what a length counts.
  const most = Math.max(minLength, Math.floor(Math.min(maxLength, 200) / 8));
  return fc.string({ unit: "grapheme", minLength, maxLength: most });
}

/** What looks ahead or behind in a pattern, with one group in it at most: fast-check makes text of the rest alone. */
const LOOKAROUND = /\(\?<?[=!](?:[^()]|\([^()]*\))*\)/g;

function matching(pattern: string): Arbitrary<string> {
  const whole = new RegExp(pattern);
  const rest = new RegExp(pattern.replaceAll(LOOKAROUND, ""));
  return fc.stringMatching(rest).filter((text) => whole.test(text));
}

function objectOf({
  properties = {},
  required = [],
  additionalProperties,
}: Schema): Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]): [string, Arbitrary<unknown>] => [
    name,
    fitting(schema),
  ]);
  if (fields.length === 0 && typeof additionalProperties === "object") {
    return fc.dictionary(fc.string(), fitting(additionalProperties), { maxKeys: 3 });
  }
  return fc.record(Object.fromEntries(fields), {
    requiredKeys: [...required],
    noNullPrototype: true,
  });
}
