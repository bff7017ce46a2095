/** The examples of the OpenAPI document: every answer has one, and each fits its own schema. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Problem } from "../../../src/protocol/problem.ts";
import { type Operation, readDocument } from "../../hostile/operations.ts";
import { parserOf } from "../../hostile/schemas.ts";
import { ask } from "./ask.ts";

const Reference = z.object({ $ref: z.string().startsWith("#/components/examples/") });
const Examples = z.object({
  components: z.object({ examples: z.record(z.string(), z.object({ value: z.unknown() })) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        responses: z.record(
          z.string(),
          z.object({
            content: z
              .record(
                z.string(),
                z.object({
                  example: z.unknown().optional(),
                  examples: z.record(z.string(), Reference).optional(),
                }),
              )
              .default({}),
          }),
        ),
      }),
    ),
  ),
});

const { operations, schemas } = await readDocument(ask);
const { components, paths } = Examples.parse(await (await ask("/openapi.json")).json());
const rows = operations.map((operation): [string, Operation] => [operation.name, operation]);

/** @returns what the document shows of each answer of an operation, by status and media type. */
function answersOf({ method, path }: Operation) {
  const { responses } = paths[path]?.[method.toLowerCase()] ?? { responses: {} };
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content).map(([type, shown]) => ({ status, type, ...shown })),
  );
}

describe("every operation that answers with something shows what", () => {
  it.each(rows)("%s", (_, operation) => {
    const told = answersOf(operation).filter(({ status }) => status.startsWith("2"));
    if (told.length === 0) return;
    expect(told.filter(({ example }) => example !== undefined)).not.toEqual([]);
  });
});

describe("every example of an answer fits its own schema", () => {
  it.each(rows)("%s", (_, operation) => {
    for (const { status, type, example } of answersOf(operation)) {
      if (example === undefined || type !== "application/json") continue;
      const schema = operation.responses[status]?.content?.[type]?.schema;
      expect(schema).toBeDefined();
      parserOf(schema ?? {}, schemas).parse(example);
    }
  });
});

describe("every failure shows the problems that it may be", () => {
  it.each(rows)("%s", (_, operation) => {
    for (const { status, type, examples = {} } of answersOf(operation)) {
      if (type !== "application/problem+json") continue;
      expect(Object.keys(examples)).not.toEqual([]);
      for (const { $ref } of Object.values(examples)) {
        const problem = Problem.parse(components.examples[$ref.split("/").at(-1) ?? ""]?.value);
        expect(String(problem.status)).toBe(status);
      }
    }
  });
});

it("an example holds no token and nobody's own address", () => {
  const text = JSON.stringify(answersOfAll());
  expect(text).not.toMatch(/eyJ[\w-]+\.|person-|@(?!example\.com)[\w-]+\.com/);
});

function answersOfAll() {
  return operations.flatMap((operation) => answersOf(operation).map(({ example }) => example));
}
