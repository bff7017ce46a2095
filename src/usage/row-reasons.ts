/** Why rows are set aside: each reason as the sentence that people read, and as faults for programs. */
import type * as z from "zod";
import { fieldErrorsOf } from "../protocol/field-errors.ts";
import { type RowFault, type RowFaultCode, ValueFaultCode } from "../protocol/row-faults.ts";

/** Why one row is set aside. */
export interface RowReason {
  readonly sentence: string;
  readonly faults: readonly RowFault[];
}

type Values = Readonly<Omit<RowFault, "code">>;
/** Of other values a schema has its own sentences. */
type ToldCode = Exclude<RowFaultCode, z.infer<typeof ValueFaultCode>> | "required";

/** Faults of one row that are told, and the most characters of a value and of a sentence. */
const MAX_FAULTS = 4;
const MAX_VALUE = 200;
const MAX_SENTENCE = 500;

const SENTENCES: Readonly<Record<ToldCode, (values: Values) => string>> = {
  required: (values) => `${at(values)}is missing`,
  not_utf8: () => "is not UTF-8",
  not_json: () => "is no JSON",
  not_csv: ({ found }) => `is no CSV, nor is what follows: ${found}`,
  array_broken_off: () => "the array breaks off",
  row_too_long: ({ bound }) => `is longer than ${bound} characters`,
  wrong_number_of_values: ({ found, bound }) =>
    `has ${found} values, the first line names ${bound}`,
  not_an_object: () => "is no record: an object is expected",
  not_a_count: (values) => `${at(values)}must be a whole number from 0`,
  unreadable: (values) => `${at(values)}can't be read as ${values.other}: ${values.found}`,
  cached_not_stated: (values) =>
    `${at(values)}the column map must say in "cached" whether input tokens hold these: included or separate`,
  reasoning_not_stated: (values) =>
    `${at(values)}the column map must say in "reasoning" whether output tokens hold these: included or separate`,
  not_grouped_by_model: (values) =>
    `${at(values)}is missing; ask the report for buckets by model, or nothing can be priced`,
  no_input_tokens: (values) => `${at(values)}has no input`,
  foreign_workspace: (values) => `${at(values)}names a workspace that is not yours`,
  beyond_belief: (values) => `${at(values)}${values.found} is beyond belief`,
  before_2018: (values) => `${at(values)}is from before 2018, which no source reports`,
  in_the_future: (values) => `${at(values)}lies in the future`,
  not_over_yet: ({ found }) =>
    `the bucket ends at ${found}, which is yet to come: fetch it once it is whole`,
  part_exceeds_whole: ({ field, found, other, bound }) =>
    `${field} (${found}) exceed ${other} (${bound})`,
  single_call_of_many: ({ field, found }) =>
    `${field} (${found}) of a single call: sums of calls are of granularity bucket`,
  context_not_stated: ({ field, other }) =>
    `${field} (0) of a bucket: ${other} must say what context it is priced at`,
  id_used_before: (values) =>
    `${at(values)}stands in an earlier row of this file, with other values`,
  other_reasons: () => "other reasons",
};

function at({ field }: Values): string {
  return field === undefined ? "" : `${field}: `;
}

/** @param values what the sentence names; long ones are cut. @returns the reason of a code. */
export function rowReason(code: ToldCode, values: Values = {}): RowReason {
  const fault = cut({ code, ...values });
  return { sentence: SENTENCES[code](fault).slice(0, MAX_SENTENCE), faults: [fault] };
}

/** @param input what was parsed. @returns the faults of a parse, the first of them, in one line. */
export function parseReason(error: z.ZodError, input: unknown): RowReason {
  const told = fieldErrorsOf(error, input).slice(0, MAX_FAULTS);
  const faults = told.map(({ field, code, bound }) =>
    cut({
      code: ValueFaultCode.safeParse(code).data ?? "invalid",
      ...(field !== WHOLE && { field }),
      ...(bound !== undefined && { bound }),
    }),
  );
  const sentences = told.map(({ message }, index) => `${at(faults[index] ?? {})}${message}`);
  return { sentence: sentences.join("; ").slice(0, MAX_SENTENCE), faults };
}

/** How a fault of the whole input is named among those of fields. */
const WHOLE = "(root)";

function cut(fault: RowFault): RowFault {
  const { field, found } = fault;
  return {
    ...fault,
    ...(field !== undefined && { field: field.slice(0, MAX_VALUE) }),
    ...(found !== undefined && { found: found.slice(0, MAX_VALUE) }),
  };
}
