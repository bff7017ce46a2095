/** The reading of untrusted input: by its schema, or refused with every field at fault. */
import type * as z from "zod";
import { ApexError } from "./errors.ts";
import { fieldErrorsOf } from "./field-errors.ts";

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
  throw invalidFields(parsed.error, input, what);
}

/** Fields at fault that are named; past them an answer would grow with what is wrong in a request. */
const MAX_NAMED_FIELDS = 32;

/**
 * @param input what was parsed, to tell what is missing from what is wrong.
 * @returns the `invalid_fields` error that names the fields of a failed parse.
 */
export function invalidFields(error: z.ZodError, input: unknown, what: string): ApexError {
  const errors = fieldErrorsOf(error, input).slice(0, MAX_NAMED_FIELDS);
  const named = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new ApexError("invalid_fields", `In ${what}: ${named}`, { errors });
}
