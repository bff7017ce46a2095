/** Each failure has one status, one close code and one title, and survives the wire. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ApexError } from "../../../src/protocol/errors.ts";
import { ERROR_CODES, FAILURES } from "../../../src/protocol/failures.ts";
import { RunId } from "../../../src/protocol/ids.ts";
import { invalidFields, parseInput } from "../../../src/protocol/parse-input.ts";
import { Problem } from "../../../src/protocol/problem.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { TITLES } from "../../../src/protocol/titles.ts";
import { parsedOf } from "./arbitraries.ts";

/** Close codes a server may send (RFC 6455 §7.4), and ours. */
const CLOSE_CODES = [1000, 1008, 1009, 1011, 1013, 4400, 4401, 4403, 4404, 4408, 4409, 4429];

const anyError = fc
  .record({
    code: fc.constantFrom(...ERROR_CODES),
    detail: fc.string(),
    errors: fc.array(fc.record({ field: fc.string(), message: fc.string() })),
    retryAfter: fc.option(fc.nat(), { nil: undefined }),
    activeRunId: fc.option(fc.constant(RunId.parse("run")), { nil: undefined }),
  })
  .map(({ code, detail, errors, retryAfter, activeRunId }) => {
    const wait = retryAfter === undefined ? {} : { retryAfter };
    const active = activeRunId === undefined ? {} : { activeRunId };
    return new ApexError(code, detail, { errors, ...wait, ...active });
  });

describe.each(ERROR_CODES)("%s", (code) => {
  const failure = FAILURES[code];

  test("has an HTTP status of an error", () => {
    expect(failure.status).toBeGreaterThanOrEqual(400);
    expect(failure.status).toBeLessThan(600);
  });

  test("has a close code a server may send", () => {
    expect(CLOSE_CODES).toContain(failure.closeCode);
  });

  test("has a title that fits a close frame's reason", () => {
    expect(TITLES[code]).toMatch(/^[A-Z].*[^.\s]$/);
    const reason = new TextEncoder().encode(`${code}: ${TITLES[code]}`);
    expect(reason.byteLength).toBeLessThanOrEqual(123);
  });
});

test("codes of one status tell themselves apart by their titles", () => {
  const titles = Object.values(TITLES);
  expect(new Set(titles).size).toBe(titles.length);
});

describe("a problem", () => {
  test("is made from an error and gives the same error back", () => {
    fc.assert(
      fc.property(anyError, (error) => {
        const problem = Problem.parse(JSON.parse(JSON.stringify(problemOf(error))));
        const back = ApexError.fromProblem(problem);
        expect(problemOf(back)).toEqual(problemOf(error));
        expect([back.status, back.closeCode]).toEqual([error.status, error.closeCode]);
      }),
    );
  });

  test("becomes an error that keeps its code, detail, fields and wait", () => {
    fc.assert(
      fc.property(parsedOf(Problem), (problem) => {
        const error = ApexError.fromProblem(problem);
        expect(error.message).toBe(problem.detail);
        expect(error.code).toBe(problem.code);
        expect(error.errors).toEqual(problem.errors ?? []);
        expect(error.retryAfter).toBe(problem.retry_after);
        expect(error.activeRunId).toBe(problem.active_run_id);
      }),
    );
  });

  test("leaves out what there is nothing to say about", () => {
    expect(problemOf(new ApexError("not_found", "No such thread."))).toEqual({
      type: "urn:apex-edge:problem:not_found",
      title: "Not found",
      status: 404,
      detail: "No such thread.",
      code: "not_found",
    });
  });
});

describe("a foreign error", () => {
  test("becomes an internal one that does not say what it was", () => {
    const cause = new TypeError("secret at /srv/key.pem");
    const error = ApexError.from(cause);
    expect(error.code).toBe("internal");
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(problemOf(error))).not.toContain("secret");
  });

  test("is left as it is where it is one of ours", () => {
    const error = new ApexError("forbidden", "Not yours.");
    expect(ApexError.from(error)).toBe(error);
  });
});

describe("input that does not fit", () => {
  const Body = z.object({ name: z.string(), tags: z.array(z.number()) });

  test("is refused with every field at fault, by its dotted path", () => {
    const parse = () => parseInput(Body, { tags: [1, "two"] }, "the body");
    expect(parse).toThrow(ApexError);
    expect(parse).toThrow(/^In the body: name: .*; tags\.1: /);
  });

  test.each([
    [{}, "name", { code: "required" }],
    [{ name: "" }, "name", { code: "required" }],
    [{ name: 1 }, "name", { code: "invalid_type" }],
    [{ name: "abcd" }, "name", { code: "too_long", bound: 3 }],
    [{ word: "ab" }, "word", { code: "too_short", bound: 3 }],
    [{ email: "nobody" }, "email", { code: "invalid_format" }],
    [{ email: "" }, "email", { code: "required" }],
    [{ some: [] }, "some", { code: "too_few", bound: 1 }],
    [{ some: ["a", "a", "a"] }, "some", { code: "too_many", bound: 2 }],
    [{ some: ["b"] }, "some.0", { code: "not_an_option" }],
    [{ least: -1 }, "least", { code: "too_small", bound: 0 }],
    [{ above: 0 }, "above", { code: "too_small" }],
    [{ above: 11 }, "above", { code: "too_big", bound: 10 }],
    [{ whole: 1.5 }, "whole", { code: "invalid_type" }],
    [{ even: "odd" }, "even", { code: "invalid" }],
    [{ other: 1 }, "other", { code: "unknown_field" }],
  ])("%j is said to a program by its code: %s, %j", (input, field, fault) => {
    const One = z.strictObject({
      name: z.string().min(1).max(3),
      word: z.string().min(3),
      email: z.email(),
      some: z
        .array(z.enum(["a"]))
        .min(1)
        .max(2),
      least: z.number().min(0),
      above: z.number().positive().max(10),
      whole: z.number().int(),
      even: z.string().refine((text) => text === "even"),
    });
    const { error } = One.safeParse(input);
    const errors = error ? invalidFields(error, input, "the body").errors : [];
    const found = errors.filter((each) => each.field === field);
    expect(found).toEqual([{ field, message: expect.any(String), ...fault }]);
  });

  test("names no more than 32 fields, however many are at fault", () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, n]));
    const { error } = z.strictObject({}).safeParse(unknown);
    const refusal = error && invalidFields(error, unknown, "the body");
    expect(refusal?.errors).toHaveLength(32);
    expect(refusal?.message).toMatch(/^In the body: f0: is not known here; .*; f31: [^;]*$/);
  });

  test("is said to be wrong as a whole where no field is at fault", () => {
    const { error } = Body.safeParse("text");
    expect(error && invalidFields(error, "text", "the body").errors).toMatchObject([
      { field: "(root)" },
    ]);
  });

  test("is given back parsed where it fits", () => {
    const body = { name: "n", tags: [1] };
    expect(parseInput(Body, { ...body, extra: true }, "the body")).toEqual(body);
  });
});
