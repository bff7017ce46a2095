/** Every way a request, a command or a run can fail: one code, one HTTP status, one close code. */
import * as z from "zod";
import { RunId } from "./ids.ts";

interface Failure {
  /** The HTTP status the code travels with. */
  readonly status: number;
  /** The WebSocket close code, where the failure ends a connection (4000-4999 are ours). */
  readonly closeCode: number;
  /** RFC 9457 title: the same for every occurrence of the code. */
  readonly title: string;
}

/** The catalogue. A code never changes its meaning; new failures get new codes. */
export const FAILURES = {
  malformed_body: { status: 400, closeCode: 4400, title: "The body could not be read" },
  unknown_command: { status: 400, closeCode: 4400, title: "Unknown command" },
  unsupported_frame: { status: 400, closeCode: 4400, title: "Unsupported frame" },
  unauthenticated: { status: 401, closeCode: 4401, title: "Authentication is required" },
  token_invalid: { status: 401, closeCode: 4401, title: "The token is not valid" },
  token_expired: { status: 401, closeCode: 4401, title: "The token has expired" },
  credentials_invalid: { status: 401, closeCode: 4401, title: "Wrong email or password" },
  session_ended: { status: 401, closeCode: 4401, title: "The session has ended" },
  forbidden: { status: 403, closeCode: 4403, title: "Not permitted" },
  not_found: { status: 404, closeCode: 4404, title: "Not found" },
  method_not_allowed: { status: 405, closeCode: 4400, title: "Method not allowed" },
  email_taken: { status: 409, closeCode: 4400, title: "The email address is already registered" },
  idempotency_conflict: {
    status: 409,
    closeCode: 4400,
    title: "The same client_message_id was used for another message",
  },
  too_large: { status: 413, closeCode: 1009, title: "Too large" },
  unsupported_media_type: { status: 415, closeCode: 4400, title: "Unsupported media type" },
  invalid_fields: { status: 422, closeCode: 4400, title: "Some fields are not valid" },
  upgrade_required: { status: 426, closeCode: 4400, title: "A WebSocket upgrade is required" },
  thread_busy: { status: 409, closeCode: 4400, title: "A run of this thread is not done yet" },
  queue_full: { status: 429, closeCode: 4429, title: "Too many runs are waiting in this thread" },
  rate_limited: { status: 429, closeCode: 4429, title: "Too many requests" },
  internal: { status: 500, closeCode: 1011, title: "Something went wrong on our side" },
  run_interrupted: { status: 500, closeCode: 1011, title: "The run was interrupted too often" },
  step_limit: { status: 500, closeCode: 1011, title: "The run took too many steps" },
  outcome_unknown: { status: 500, closeCode: 1011, title: "The outcome is unknown" },
  tool_failed: { status: 500, closeCode: 1011, title: "The tool failed" },
  tool_cancelled: { status: 499, closeCode: 1000, title: "The tool call was cancelled" },
  model_rejected: { status: 502, closeCode: 1011, title: "The model endpoint refused the request" },
  too_slow: { status: 503, closeCode: 1013, title: "The connection did not keep up" },
  model_unavailable: { status: 503, closeCode: 1013, title: "The model is unavailable" },
  unavailable: { status: 503, closeCode: 1013, title: "Temporarily unavailable" },
  misconfigured: { status: 503, closeCode: 1011, title: "The configuration is not valid" },
  run_timeout: { status: 504, closeCode: 1011, title: "The run took too long" },
  tool_timeout: { status: 504, closeCode: 1011, title: "The tool took too long" },
  model_timeout: { status: 504, closeCode: 1011, title: "The model took too long" },
} as const satisfies Record<string, Failure>;

export type ErrorCode = keyof typeof FAILURES;

const errorCodes = Object.keys(FAILURES) as [ErrorCode, ...ErrorCode[]];

/** Every error code, as a schema. */
export const ErrorCode = z.enum(errorCodes);

/** One field that was not valid: its path in the input, dotted, and what is wrong with it. */
export const FieldError = z.object({ field: z.string(), message: z.string() });
export type FieldError = z.infer<typeof FieldError>;

/** Problem details (RFC 9457), extended by our code, the request's id and the fields at fault. */
export const Problem = z.object({
  type: z.string().describe("urn:apex-edge:problem:<code>"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe("What happened here, and what to do about it"),
  code: ErrorCode,
  instance: z.string().optional().describe("The path of the request"),
  request_id: z.string().optional(),
  errors: z.array(FieldError).optional(),
  retry_after: z.number().optional().describe("Seconds to wait before trying again"),
  active_run_id: RunId.optional().describe("With `thread_busy`: the run that is live or next"),
});
export type Problem = z.infer<typeof Problem>;

interface ErrorOptions {
  readonly errors?: readonly FieldError[];
  /** Seconds after which a retry may succeed. */
  readonly retryAfter?: number;
  /** The run that stands in the way. */
  readonly activeRunId?: RunId;
  readonly cause?: unknown;
}

/** The one error class: thrown anywhere, shown as problem details or as an `error` event. */
export class ApexError extends Error {
  override readonly name = "ApexError";
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfter: number | undefined;
  readonly activeRunId: RunId | undefined;

  /** @param detail said to the user as it stands: no secrets, no internals. */
  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
    this.activeRunId = options.activeRunId;
  }

  get status(): number {
    return FAILURES[this.code].status;
  }

  get closeCode(): number {
    return FAILURES[this.code].closeCode;
  }

  /** @returns the problem details of this error, ready for the wire. */
  toProblem(): Problem {
    return {
      type: `urn:apex-edge:problem:${this.code}`,
      title: FAILURES[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      ...(this.errors.length > 0 && { errors: [...this.errors] }),
      ...(this.retryAfter !== undefined && { retry_after: this.retryAfter }),
      ...(this.activeRunId !== undefined && { active_run_id: this.activeRunId }),
    };
  }

  /** @returns the error a received problem stands for: a client's view of {@link toProblem}. */
  static fromProblem(problem: Problem): ApexError {
    return new ApexError(problem.code, problem.detail, {
      ...(problem.errors && { errors: problem.errors }),
      ...(problem.retry_after !== undefined && { retryAfter: problem.retry_after }),
      ...(problem.active_run_id !== undefined && { activeRunId: problem.active_run_id }),
    });
  }

  /** @returns the error itself, or an `internal` one that hides what it was. */
  static from(error: unknown): ApexError {
    if (error instanceof ApexError) return error;
    return new ApexError("internal", "An unexpected error occurred. Please try again.", {
      cause: error,
    });
  }
}

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
