/** Every way a request, a command or a run can fail: one code, one HTTP status, one close code. */

interface Failure {
  /** The HTTP status the code travels with. */
  readonly status: number;
  /**
   * The WebSocket close code, if the failure ends a connection (4000-4999 are for applications: RFC 6455, section
   * 7.4.2).
   */
  readonly closeCode: number;
}

/** The catalogue. A code never changes its meaning; new failures get new codes. */
export const FAILURES = {
  sign_in_failed: { status: 400, closeCode: 4400 },
  malformed_body: { status: 400, closeCode: 4400 },
  unknown_command: { status: 400, closeCode: 4400 },
  unsupported_frame: { status: 400, closeCode: 4400 },
  unauthenticated: { status: 401, closeCode: 4401 },
  token_invalid: { status: 401, closeCode: 4401 },
  token_expired: { status: 401, closeCode: 4401 },
  credentials_invalid: { status: 401, closeCode: 4401 },
  session_ended: { status: 401, closeCode: 4401 },
  forbidden: { status: 403, closeCode: 4403 },
  approval_required: { status: 403, closeCode: 4403 },
  approval_rejected: { status: 403, closeCode: 4403 },
  csrf_invalid: { status: 403, closeCode: 4403 },
  not_found: { status: 404, closeCode: 4404 },
  method_not_allowed: { status: 405, closeCode: 4400 },
  body_timeout: { status: 408, closeCode: 4408 },
  idle: { status: 408, closeCode: 4408 },
  email_taken: { status: 409, closeCode: 4400 },
  idempotency_conflict: { status: 409, closeCode: 4400 },
  repeated_request: { status: 409, closeCode: 4400 },
  idempotency_key_reused: { status: 422, closeCode: 4400 },
  already_decided: { status: 409, closeCode: 4400 },
  approval_expired: { status: 410, closeCode: 4400 },
  import_conflict: { status: 409, closeCode: 4400 },
  already_in_team: { status: 409, closeCode: 4400 },
  last_admin: { status: 409, closeCode: 4400 },
  too_large: { status: 413, closeCode: 1009 },
  unsupported_media_type: { status: 415, closeCode: 4400 },
  invalid_fields: { status: 422, closeCode: 4400 },
  headers_too_large: { status: 431, closeCode: 4400 },
  upgrade_required: { status: 426, closeCode: 4400 },
  thread_busy: { status: 409, closeCode: 4400 },
  queue_full: { status: 429, closeCode: 4429 },
  budget_exceeded: { status: 402, closeCode: 4429 },
  quota_exceeded: { status: 429, closeCode: 4429 },
  rate_limited: { status: 429, closeCode: 4429 },
  internal: { status: 500, closeCode: 1011 },
  run_interrupted: { status: 500, closeCode: 1011 },
  step_limit: { status: 500, closeCode: 1011 },
  outcome_unknown: { status: 500, closeCode: 1011 },
  tool_failed: { status: 500, closeCode: 1011 },
  tool_cancelled: { status: 499, closeCode: 1000 },
  model_rejected: { status: 502, closeCode: 1011 },
  provider_unavailable: { status: 502, closeCode: 1011 },
  too_slow: { status: 503, closeCode: 1013 },
  model_unavailable: { status: 503, closeCode: 1013 },
  unavailable: { status: 503, closeCode: 1013 },
  misconfigured: { status: 503, closeCode: 1011 },
  run_timeout: { status: 504, closeCode: 1011 },
  tool_timeout: { status: 504, closeCode: 1011 },
  model_timeout: { status: 504, closeCode: 1011 },
} as const satisfies Record<string, Failure>;

/** Which failure it is, for programs. */
export type ErrorCode = keyof typeof FAILURES;

/** @returns whether a code is in the catalogue: a newer side may know more of them. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(FAILURES, code);
}

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(FAILURES).filter(isErrorCode);

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  413: "too_large",
  422: "invalid_fields",
  429: "rate_limited",
};

/** @returns what to make of a failure whose code is unknown here: its HTTP status still says what to do. */
export function codeOfStatus(status: number): ErrorCode {
  return CODE_OF_STATUS[status] ?? (status >= 500 ? "unavailable" : "internal");
}
