/**
 * Every wire type keeps what it holds and names what it misses; what it does not know, a client
 * ignores and a server refuses by name.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { ApexError } from "../../../src/protocol/errors.ts";
import { parseInput } from "../../../src/protocol/parse-input.ts";
import { inputOf, parsedOf, requiredPaths, without } from "./arbitraries.ts";
import { BODIES, COMMANDS, FRAMES, REQUESTS } from "./wire-schemas.ts";

const EVERY = [...FRAMES, ...COMMANDS, ...BODIES];
const ANSWERS = [...FRAMES, ...BODIES.filter((body) => !REQUESTS.includes(body))];

function travel(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function problemOf(schema: z.ZodType, input: unknown): ApexError {
  try {
    parseInput(schema, input, "the test");
  } catch (error) {
    if (error instanceof ApexError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(input)} was taken for valid`);
}

describe.each(EVERY)("%s", (_name, schema) => {
  test("a missing required field is named", () => {
    fc.assert(
      fc.property(inputOf(schema), (input) => {
        for (const path of requiredPaths(schema, input)) {
          const error = problemOf(schema, without(input, path));
          expect(error.code).toBe("invalid_fields");
          expect(error.errors.map(({ field }) => field)).toContain(path.join("."));
        }
      }),
      { numRuns: 20 },
    );
  });

  test("anything but an object is refused", () => {
    for (const input of [undefined, null, 7, "text", true, []]) {
      expect(problemOf(schema, input).code).toBe("invalid_fields");
    }
  });

  test("a parsed value is the same after its journey as JSON", () => {
    fc.assert(
      fc.property(parsedOf(schema), (value) => {
        expect(schema.parse(travel(value))).toEqual(value);
      }),
    );
  });
});

test.each(ANSWERS)("in %s a client ignores an unknown field", (_name, schema) => {
  fc.assert(
    fc.property(inputOf(schema), fc.jsonValue(), (input, extra) => {
      const known = schema.parse(input);
      expect(schema.parse({ ...Object(input), added_later: extra })).toEqual(known);
    }),
    { numRuns: 30 },
  );
});

test.each(REQUESTS)("in %s an unknown field is refused by its name", (_name, schema) => {
  fc.assert(
    fc.property(inputOf(schema), fc.jsonValue(), (input, extra) => {
      const { errors } = problemOf(schema, { ...Object(input), unknown: extra });
      expect(errors).toEqual([
        { field: "unknown", message: "is not known here", code: "unknown_field" },
      ]);
    }),
    { numRuns: 30 },
  );
});

test.each([...FRAMES, ...COMMANDS])("%s is taken exactly as it was sent", (_name, schema) => {
  fc.assert(
    fc.property(inputOf(schema), (sent) => {
      expect(schema.parse(travel(sent))).toEqual(sent);
    }),
  );
});
