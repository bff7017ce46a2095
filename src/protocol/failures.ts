/** Every way a request, a command or a run can fail: one code, one HTTP status, one close code. */

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
  sign_in_failed: { status: 400, closeCode: 4400, title: "The sign-in could not be completed" },
  malformed_body: { status: 400, closeCode: 4400, title: "The body could not be read" },
  unknown_command: { status: 400, closeCode: 4400, title: "Unknown command" },
  unsupported_frame: { status: 400, closeCode: 4400, title: "Unsupported frame" },
  unauthenticated: { status: 401, closeCode: 4401, title: "Authentication is required" },
  token_invalid: { status: 401, closeCode: 4401, title: "The token is not valid" },
  token_expired: { status: 401, closeCode: 4401, title: "The token has expired" },
  credentials_invalid: { status: 401, closeCode: 4401, title: "Wrong email or password" },
  session_ended: { status: 401, closeCode: 4401, title: "The session has ended" },
  forbidden: { status: 403, closeCode: 4403, title: "Not permitted" },
  approval_rejected: { status: 403, closeCode: 4403, title: "A person rejected the tool call" },
  csrf_invalid: { status: 403, closeCode: 4403, title: "The CSRF token is missing or wrong" },
  not_found: { status: 404, closeCode: 4404, title: "Not found" },
  method_not_allowed: { status: 405, closeCode: 4400, title: "Method not allowed" },
  body_timeout: { status: 408, closeCode: 4408, title: "The body did not arrive in time" },
  idle: { status: 408, closeCode: 4408, title: "The connection was silent for too long" },
  email_taken: { status: 409, closeCode: 4400, title: "The email address is already registered" },
  idempotency_conflict: {
    status: 409,
    closeCode: 4400,
    title: "The same client_message_id was used for another message",
  },
  already_decided: { status: 409, closeCode: 4400, title: "The tool call was decided already" },
  approval_expired: {
    status: 410,
    closeCode: 4400,
    title: "The time to decide about the tool call is over",
  },
  import_conflict: { status: 409, closeCode: 4400, title: "The import can't go on" },
  already_in_team: { status: 409, closeCode: 4400, title: "You are in a team already" },
  last_admin: { status: 409, closeCode: 4400, title: "A team needs an admin" },
  too_large: { status: 413, closeCode: 1009, title: "Too large" },
  unsupported_media_type: { status: 415, closeCode: 4400, title: "Unsupported media type" },
  invalid_fields: { status: 422, closeCode: 4400, title: "Some fields are not valid" },
  headers_too_large: { status: 431, closeCode: 4400, title: "The headers are too large" },
  upgrade_required: { status: 426, closeCode: 4400, title: "A WebSocket upgrade is required" },
  thread_busy: { status: 409, closeCode: 4400, title: "A run of this thread is not done yet" },
  queue_full: { status: 429, closeCode: 4429, title: "Too many runs are waiting in this thread" },
  quota_exceeded: { status: 429, closeCode: 4429, title: "The account's limit is reached" },
  rate_limited: { status: 429, closeCode: 4429, title: "Too many requests" },
  internal: { status: 500, closeCode: 1011, title: "Something went wrong on our side" },
  run_interrupted: { status: 500, closeCode: 1011, title: "The run was interrupted too often" },
  step_limit: { status: 500, closeCode: 1011, title: "The run took too many steps" },
  outcome_unknown: { status: 500, closeCode: 1011, title: "The outcome is unknown" },
  tool_failed: { status: 500, closeCode: 1011, title: "The tool failed" },
  tool_cancelled: { status: 499, closeCode: 1000, title: "The tool call was cancelled" },
  model_rejected: { status: 502, closeCode: 1011, title: "The model endpoint refused the request" },
  provider_unavailable: {
    status: 502,
    closeCode: 1011,
    title: "The identity provider did not answer",
  },
  too_slow: { status: 503, closeCode: 1013, title: "The connection did not keep up" },
  model_unavailable: { status: 503, closeCode: 1013, title: "The model is unavailable" },
  unavailable: { status: 503, closeCode: 1013, title: "Temporarily unavailable" },
  misconfigured: { status: 503, closeCode: 1011, title: "The configuration is not valid" },
  run_timeout: { status: 504, closeCode: 1011, title: "The run took too long" },
  tool_timeout: { status: 504, closeCode: 1011, title: "The tool took too long" },
  model_timeout: { status: 504, closeCode: 1011, title: "The model took too long" },
} as const satisfies Record<string, Failure>;

export type ErrorCode = keyof typeof FAILURES;

/** @returns whether a code is in the catalogue: a newer side may know more of them. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(FAILURES, code);
}

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(FAILURES).filter(isErrorCode);
