/** An answer that has to be JSON: what the agent is told of that, and what its answer is held to. */
import * as z from "zod";
import { FLAG } from "../../core/grounding/known-figures.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/json.ts";
import { lookedInto, TooMuchToCheck, unfoldsInMeasure } from "./bounded-check.ts";

/** How long the description of an answer's faults may be, in characters. */
const MAX_FAULT_LENGTH = 2_000;
/** A fence around the whole answer, as models like to put it. */
const FENCED = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/;

/** What an answer was read as: JSON text, or what is wrong with it, said to a model. */
type ReadAnswer =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly fault: string };

export interface JsonDemand {
  /** What the agent is told beside the caller's own instructions. */
  readonly instructions: string;
  read(answer: string): ReadAnswer;
}

/** What a format asks for, in one shape, whichever endpoint it came by. */
type AnswerFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | { readonly type: "json_schema"; readonly schema: Readonly<Record<string, Json>> };

/**
 * @param field where the schema is in the body, to be named in an error.
 * @returns null if the answer may be any text.
 * @throws {ApexError} `invalid_fields` if the schema cannot be enforced.
 */
export function jsonDemandOf(format: AnswerFormat, field: string): JsonDemand | null {
  if (format.type === "text") return null;
  const schema = format.type === "json_schema" ? format.schema : null;
  const shape = schema === null ? z.looseObject({}) : shapeOf(schema, field);
  const wanted =
    schema === null
      ? "It is one JSON object."
      : `It is one value that this JSON Schema describes: ${JSON.stringify(schema)}`;
  return {
    instructions: `The answer is read by a program: give JSON alone, without a word or a code fence around it, and figures as plain numbers without units. ${wanted}`,
    read: (answer) => read(answer, shape),
  };
}

const Schema = z.custom<z.core.JSONSchema.JSONSchema>(
  (value) => typeof value === "object" && value !== null,
);

function shapeOf(schema: Readonly<Record<string, Json>>, field: string): z.ZodType {
  try {
    const kept = withoutPatterns(schema);
    if (!unfoldsInMeasure(kept)) throw new Error("its references unfold to too much");
    return z.fromJSONSchema(Schema.parse(kept));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it cannot be read";
    const message = `must be a JSON Schema that can be kept: ${why}`;
    throw new ApexError("invalid_fields", `The schema of the answer ${message}`, {
      errors: [{ field, message }],
      cause,
    });
  }
}

/** Keywords whose own keys are names, and those that hold values: neither is a schema itself. */
const OF_NAMES: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
const OF_VALUES: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);

/**
 * A regular expression from the caller, matched against text that the caller may control, could use up all
 * processor time (CWE-1333). So the agent is told of the pattern, but the answer is not checked against it.
 */
function withoutPatterns(schema: Json): Json {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(withoutPatterns);
  const kept = Object.entries(schema).flatMap(([keyword, held]): [string, Json][] => {
    if (keyword === "pattern" || keyword === "patternProperties") return [];
    if (OF_VALUES.has(keyword)) return [[keyword, held]];
    return [[keyword, OF_NAMES.has(keyword) ? eachWithoutPatterns(held) : withoutPatterns(held)]];
  });
  return Object.fromEntries(kept);
}

function eachWithoutPatterns(named: Json): Json {
  if (typeof named !== "object" || named === null || Array.isArray(named)) return named;
  const schemas = Object.entries(named).map(([name, held]) => [name, withoutPatterns(held)]);
  return Object.fromEntries(schemas);
}

/** The flag of a figure that nothing stands for is for people: no program could read the number before it. */
function read(answer: string, shape: z.ZodType): ReadAnswer {
  const text = answer.replaceAll(FLAG, "").trim();
  const json = FENCED.exec(text)?.[1] ?? text;
  try {
    const parsed = shape.safeParse(lookedInto(JSON.parse(json)));
    if (parsed.success) return { ok: true, json };
    return { ok: false, fault: z.prettifyError(parsed.error).slice(0, MAX_FAULT_LENGTH) };
  } catch (error) {
    const isTooMuch = error instanceof TooMuchToCheck || error instanceof RangeError;
    return { ok: false, fault: isTooMuch ? "It is too much to check." : "It is not JSON." };
  }
}
