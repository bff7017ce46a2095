/** The reading of untrusted input: by its schema, or refused with every field at fault. */
import type * as z from "zod";
import { ApexError } from "./errors.ts";
import type { FieldError } from "./problem.ts";

/**
 * Parses untrusted input.
 * @param what names the input in the message: "the body", "the command".
 * @throws {ApexError} `invalid_fields`, naming the fields at fault.
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidFields(parsed.error, what);
}

/** Fields at fault that are named; past them an answer would grow with what is wrong in a request. */
const MAX_NAMED_FIELDS = 32;

/** @returns the `invalid_fields` error that names the fields of a failed parse. */
export function invalidFields(error: z.ZodError, what: string): ApexError {
  const faults = error.issues.flatMap((issue): FieldError[] => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [fieldError(path, issue.message)];
    return issue.keys.map((key) => fieldError([...path, key], "is not known here"));
  });
  const errors = faults.slice(0, MAX_NAMED_FIELDS);
  const named = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new ApexError("invalid_fields", `In ${what}: ${named}`, { errors });
}

function fieldError(path: readonly string[], message: string): FieldError {
  return { field: path.join(".") || "(root)", message };
}
