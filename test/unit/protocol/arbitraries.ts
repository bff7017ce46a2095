/** Values that fit a wire schema, made from its own JSON Schema, so that no shape is written twice. */
import fc, { type Arbitrary } from "fast-check";
import { z } from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** @returns values as they may arrive for a schema: what its JSON Schema and its refinements allow. */
export function inputOf(schema: z.ZodType): Arbitrary<unknown> {
  const input = z.toJSONSchema(schema, { io: "input" });
  return arbitrary(input).filter((value) => schema.safeParse(value).success);
}

/** @returns parsed values of a schema. */
export function parsedOf<Schema extends z.ZodType>(schema: Schema): Arbitrary<z.output<Schema>> {
  return inputOf(schema).map((value) => schema.parse(value));
}

/** @returns the path of every required field that the value holds, for schemas of objects. */
export function requiredPaths(schema: z.ZodType, value: unknown): string[][] {
  return pathsWithin(z.toJSONSchema(schema, { io: "input" }), value);
}

/** @returns a copy of a JSON value without the field at the path. */
export function without(value: unknown, path: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (typeof value !== "object" || value === null || head === undefined) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key !== head) return [[key, inner]];
    return rest.length === 0 ? [] : [[key, without(inner, rest)]];
  });
  return Object.fromEntries(entries);
}

/** Any Unicode code point but the halves of surrogate pairs, every other one plain ASCII. */
export const codePoint: Arbitrary<string> = fc
  .oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((point) => String.fromCodePoint(point));

/** A moment as RFC 3339 UTC. */
const timestamp = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2999-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Any JSON value as a parser reads it. */
const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)));

const email = fc
  .tuple(fc.stringMatching(/^[a-z0-9]{1,12}$/), fc.stringMatching(/^[a-z]{1,12}$/))
  .map(([user, host]) => `${user}@${host}.example`);

function arbitrary(schema: JsonSchema): Arbitrary<unknown> {
  const options = schema.oneOf ?? schema.anyOf;
  if (options) return fc.oneof(...options.map(arbitrary));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type) => arbitrary({ ...schema, type })));
  }
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: schema.minimum ?? -1e9, max: Math.min(schema.maximum ?? 1e9, 1e9) });
    case "number":
      // Adding zero turns -0, which JSON writes as 0, into 0.
      return fc.double({ min: schema.minimum ?? -1e12, max: 1e12, noNaN: true }).map((x) => x + 0);
    case "string":
      return text(schema);
    case "array":
      return fc.array(arbitrary(asSchema(schema.items)), { maxLength: 3 });
    case "object":
      return schema.properties ? object(schema) : labels(schema);
    default:
      return json;
  }
}

function text({ format, pattern, minLength = 0, maxLength = Number.MAX_SAFE_INTEGER }: JsonSchema) {
  if (format === "date-time") return timestamp;
  if (format === "email") return email;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  // A code point takes up to two code units, and those are what a length counts.
  const most = Math.max(minLength, Math.min(minLength + 24, Math.floor(maxLength / 2)));
  return fc.string({ unit: codePoint, minLength, maxLength: most });
}

function object({ properties = {}, required = [] }: JsonSchema): Arbitrary<unknown> {
  const fields: Record<string, Arbitrary<unknown>> = Object.fromEntries(
    Object.entries(properties).map(([key, field]) => [key, arbitrary(asSchema(field))]),
  );
  return fc.record(fields, { requiredKeys: required, noNullPrototype: true });
}

function labels({ propertyNames, additionalProperties }: JsonSchema): Arbitrary<unknown> {
  const key = text(asSchema(propertyNames)).filter((name) => name !== "__proto__");
  return fc.dictionary(key, arbitrary(asSchema(additionalProperties)), {
    maxKeys: 3,
    noNullPrototype: true,
  });
}

function pathsWithin(schema: JsonSchema, value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  const options = (schema.oneOf ?? schema.anyOf)?.filter((option) => names(option, value));
  if (options) return options.flatMap((option) => pathsWithin(option, value));
  const held = new Map(Object.entries(value));
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => held.has(key))
    .flatMap(([key, field]) => [
      ...(schema.required?.includes(key) ? [[key]] : []),
      ...pathsWithin(asSchema(field), held.get(key)).map((path) => [key, ...path]),
    ]);
}

/** @returns whether an option of a union is the one whose discriminator the value holds. */
function names(option: JsonSchema, value: object): boolean {
  const { const: type } = asSchema(option.properties?.type);
  return type === undefined || ("type" in value && value.type === type);
}

function asSchema(schema: JsonSchema["items"]): JsonSchema {
  return typeof schema === "object" && !Array.isArray(schema) ? schema : {};
}
