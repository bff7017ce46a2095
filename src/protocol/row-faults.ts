/** Why rows of usage are set aside, for programs: a client says it in its own words and language. */
import * as z from "zod";
import { FieldErrorCode } from "./problem.ts";

/** What can be wrong with one value of a row, as with a field of any input. */
export const ValueFaultCode = FieldErrorCode.extract([
  "required",
  "invalid_type",
  "invalid_format",
  "not_an_option",
  "unknown_field",
  "too_short",
  "too_long",
  "too_few",
  "too_many",
  "too_small",
  "too_big",
  "invalid",
]);

/** The same, and what can be wrong with a row as a whole. */
export const RowFaultCode = z.enum([
  ...ValueFaultCode.options,
  "not_utf8",
  "not_json",
  "not_csv",
  "array_broken_off",
  "row_too_long",
  "wrong_number_of_values",
  "not_an_object",
  "not_a_count",
  "unreadable",
  "cached_not_stated",
  "reasoning_not_stated",
  "not_grouped_by_model",
  "no_input_tokens",
  "foreign_workspace",
  "beyond_belief",
  "before_2018",
  "in_the_future",
  "not_over_yet",
  "part_exceeds_whole",
  "single_call_of_many",
  "context_not_stated",
  "id_used_before",
  "other_reasons",
]);
export type RowFaultCode = z.infer<typeof RowFaultCode>;

/** One thing that is wrong with a row, with what there is to name. */
export const RowFault = z.object({
  code: RowFaultCode,
  field: z.string().optional().describe("The field or the column; left out: the whole row"),
  found: z.string().optional().describe("What stands there, as text"),
  other: z.string().optional().describe("The field that it is read as, or held against"),
  bound: z.number().optional().describe("What is allowed or expected, where it is a figure"),
});
export type RowFault = z.infer<typeof RowFault>;
