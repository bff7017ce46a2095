/** How a failure travels: problem details, and the fields that were at fault. */
import * as z from "zod";
import { ERROR_CODES } from "./failures.ts";
import { RunId } from "./ids.ts";
import { LimitState } from "./tiers.ts";

/** What can be wrong with a field, for programs: a client says it in its own words and language. */
export const FieldErrorCode = z.enum([
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
  "taken",
  "mismatch",
  "not_permitted",
  "not_set",
  "not_https",
  "not_public",
  "holds_credentials",
  "unusual_port",
  "invalid",
]);
export type FieldErrorCode = z.infer<typeof FieldErrorCode>;

/** One field that was not valid: its path in the input, dotted, and what is wrong with it. */
export const FieldError = z.object({
  field: z.string(),
  message: z.string().describe("In English, for people"),
  code: FieldErrorCode.optional().describe(
    "What is wrong, for programs; `invalid` where only the message says more",
  ),
  bound: z
    .number()
    .optional()
    .describe("With a `too_…` code: the least or the most that is allowed, where it is a figure"),
});
export type FieldError = z.infer<typeof FieldError>;

/** An import that a failure ended in its middle: what it has stored counts until it goes on, or back. */
export const CutImport = z.object({
  id: z.string(),
  status: z.literal("incomplete"),
  rows: z.number().int().min(0).describe("Of its file that are done"),
  stored: z.number().int().min(0).describe("Records of it that count"),
});
export type CutImport = z.infer<typeof CutImport>;

/** Problem details (RFC 9457), extended by our code, the request's id and the fields at fault. */
export const Problem = z.object({
  type: z.string().describe("urn:apex-edge:problem:<code>"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe("What happened here, and what to do about it"),
  code: z.enum(ERROR_CODES),
  instance: z.string().optional().describe("The path of the request"),
  request_id: z.string().optional(),
  errors: z.array(FieldError).optional(),
  retry_after: z.number().optional().describe("Seconds to wait before trying again"),
  limit: LimitState.optional().describe("With `quota_exceeded`: the limit that is reached"),
  active_run_id: RunId.optional().describe("With `thread_busy`: the run that is live or next"),
  import: CutImport.optional().describe("Where an import ended before its file did: what stands"),
});
export type Problem = z.infer<typeof Problem>;
