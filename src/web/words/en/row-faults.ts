/** What can be wrong with a row of a usage file, in the page's words. */
import type { RowFaultCode } from "../../../protocol/row-faults.ts";

/** What there is to name; empty where the fault does not name it. */
interface Named {
  /** The field or the column, or the row itself. */
  readonly field: string;
  /** What stands there. */
  readonly found: string;
  /** What it is read as, or held against. */
  readonly other: string;
  /** What is allowed or expected, as a figure. */
  readonly bound: string;
}

/** TypeScript asks for a row as soon as the wire has another code. */
export const rowFaults: Readonly<Record<RowFaultCode, (named: Named) => string>> = {
  required: ({ field }) => `${field} is missing.`,
  invalid_type: ({ field }) => `${field} is not of the kind that is asked for.`,
  invalid_format: ({ field }) => `${field} is not in the form that is asked for.`,
  not_an_option: ({ field }) => `${field} is none of the values that it may have.`,
  unknown_field: ({ field }) => `${field} is not known here.`,
  too_short: ({ field, bound }) => `${field} is too short.${least(bound)}`,
  too_long: ({ field, bound }) => `${field} is too long.${most(bound)}`,
  too_few: ({ field, bound }) => `${field} has too few entries.${least(bound)}`,
  too_many: ({ field, bound }) => `${field} has too many entries.${most(bound)}`,
  too_small: ({ field, bound }) => `${field} is too small.${least(bound)}`,
  too_big: ({ field, bound }) => `${field} is too large.${most(bound)}`,
  invalid: ({ field }) => `${field} was not accepted.`,
  not_utf8: () => "The row is not UTF-8.",
  not_json: () => "The row is not JSON.",
  not_csv: () => "From here on, the file is not CSV: look for a quote that is never closed.",
  array_broken_off: () => "The file breaks off in the middle of its list.",
  row_too_long: ({ bound }) => `The row is longer than ${bound} characters.`,
  wrong_number_of_values: ({ found, bound }) =>
    `The row has ${found} values, but the first line names ${bound}.`,
  not_an_object: () => "The row is not a record with named values.",
  not_a_count: ({ field }) => `${field} must be a whole number, 0 or more.`,
  unreadable: ({ field, found, other }) => `${field} cannot be read as ${other}: ${found}`,
  cached_not_stated: ({ field }) =>
    `${field}: the column map must say in "cached" whether input tokens include these ("included" or "separate").`,
  reasoning_not_stated: ({ field }) =>
    `${field}: the column map must say in "reasoning" whether output tokens include these ("included" or "separate").`,
  not_grouped_by_model: ({ field }) =>
    `${field} is missing. Ask the provider for a report grouped by model, or nothing can be priced.`,
  no_input_tokens: ({ field }) => `${field} says nothing of input tokens.`,
  foreign_workspace: ({ field }) => `${field} names a workspace that is not yours.`,
  beyond_belief: ({ field, found }) => `${field} is too large to be true: ${found}.`,
  before_2018: ({ field }) => `${field} is from before 2018, which no source reports.`,
  in_the_future: ({ field }) => `${field} lies in the future.`,
  not_over_yet: ({ found }) =>
    `Its time ends at ${found}, which is yet to come. Fetch the report once it is over.`,
  part_exceeds_whole: ({ field, found, other, bound }) =>
    `${field} (${found}) cannot be more than ${other} (${bound}), which includes it.`,
  single_call_of_many: ({ field, found }) =>
    `${field} is ${found} for a single call. Where it sums up calls, its granularity is bucket.`,
  context_not_stated: ({ field, other }) =>
    `${field} is 0, so ${other} must say what context it is priced at.`,
  id_used_before: ({ field }) => `${field} stands in an earlier row, with other values.`,
  other_reasons: () => "For other reasons.",
};

function least(bound: string): string {
  return bound === "" ? "" : ` The least is ${bound}.`;
}

function most(bound: string): string {
  return bound === "" ? "" : ` The most is ${bound}.`;
}
