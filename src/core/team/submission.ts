/** What an agent ends its work with: a call whose arguments are its output, believed once they are parsed. */
import * as z from "zod";
import { ApexError } from "../../protocol/errors.ts";
import { Json } from "../../protocol/json.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { findingsOf, type Step } from "../checkpoint.ts";
import { parseArguments } from "../tool-call.ts";

/** Whoever goes on with an output has to read it whole. */
const MAX_OUTPUT_LENGTH = 32 * 1024;
/** Facts that a refusal names. */
const MAX_NAMED = 5;

/** A function offered to a model like a tool, and no tool: nothing runs, and no event tells of it. */
export interface Submission {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType;
}

/** @returns the function by which an agent submits what the schema describes; keep it, it is made once. */
export function submissionOf(name: string, description: string, schema: z.ZodType): Submission {
  let parameters: Submission["parameters"] | undefined;
  return {
    name,
    description,
    schema,
    get parameters() {
      parameters ??= z.toJSONSchema(schema, { io: "input" });
      return parameters;
    },
  };
}

/**
 * Reads what a model submitted. Wherever an output says `facts`, it refers to figures of the run.
 * @param steps the run's: a figure that none of its tools computed is refused.
 * @throws {ApexError} `invalid_fields`, naming what does not fit.
 */
export function readSubmission(
  { name, schema }: Submission,
  text: string,
  steps: readonly Step[],
): Json {
  const given = parseArguments(text);
  if (!given.ok) throw given.error;
  const output = Json.parse(parseInput(schema, given.value, `the arguments of ${name}`));
  if (JSON.stringify(output).length > MAX_OUTPUT_LENGTH) {
    throw invalid("arguments", `must be at most ${MAX_OUTPUT_LENGTH} characters long as JSON`);
  }
  const known = new Set<string>(findingsOf(steps).map(({ fact_id }) => fact_id));
  const unknown = factsIn(output).filter((fact) => !known.has(fact));
  if (unknown.length > 0) {
    const named = unknown.slice(0, MAX_NAMED).join(", ");
    throw invalid("facts", `must name figures that a tool of this run computed, not ${named}`);
  }
  return output;
}

/** @returns every id that stands under `facts` anywhere in an output. */
function factsIn(output: Json): string[] {
  if (typeof output !== "object" || output === null) return [];
  return Object.entries(output).flatMap(([field, value]) =>
    field === "facts" && Array.isArray(value)
      ? value.filter((fact) => typeof fact === "string")
      : factsIn(value),
  );
}

function invalid(field: string, message: string): ApexError {
  return new ApexError("invalid_fields", `${field} ${message}`, { errors: [{ field, message }] });
}

/** @returns what is wrong where an agent answers in words that must submit. */
export function notSubmitted(name: string): ApexError {
  const message = `must be called with the findings; a text in its place is read by nobody`;
  return new ApexError("invalid_fields", `${name} ${message}`, {
    errors: [{ field: name, message }],
  });
}
