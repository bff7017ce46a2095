/** The one error class: a failure of the catalogue, with what happened in this case of it. */
import { codeOfStatus, type ErrorCode, FAILURES, isErrorCode } from "./failures.ts";
import type { RunId } from "./ids.ts";
import type { CutImport, FieldError, Problem } from "./problem.ts";
import type { LimitState } from "./tiers.ts";

interface ErrorOptions {
  readonly errors?: readonly FieldError[];
  /** Seconds after which a retry may succeed. */
  readonly retryAfter?: number;
  /** The limit that is reached. */
  readonly limit?: LimitState;
  /** The run that conflicts with the request. */
  readonly activeRunId?: RunId;
  /** The import that it ended. */
  readonly cutImport?: CutImport;
  /** The code that a newer server sent, if this version does not know it and `code` is only the nearest. */
  readonly newerCode?: string;
  readonly cause?: unknown;
}

/** The one error class. It becomes problem details over HTTP, and an `error` event on sockets. */
export class ApexError extends Error {
  override readonly name = "ApexError";
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfter: number | undefined;
  readonly limit: LimitState | undefined;
  readonly activeRunId: RunId | undefined;
  readonly cutImport: CutImport | undefined;
  readonly newerCode: string | undefined;

  /** @param detail shown to the user as it is, so it must contain no secrets or internals. */
  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
    this.limit = options.limit;
    this.activeRunId = options.activeRunId;
    this.cutImport = options.cutImport;
    this.newerCode = options.newerCode;
  }

  get status(): number {
    return FAILURES[this.code].status;
  }

  get closeCode(): number {
    return FAILURES[this.code].closeCode;
  }

  /** @returns the error for problem details that a client received. */
  static fromProblem(problem: Problem): ApexError {
    const named: string = problem.code;
    const isKnown = isErrorCode(named);
    return new ApexError(isKnown ? named : codeOfStatus(problem.status), problem.detail, {
      ...(!isKnown && { newerCode: named }),
      ...(problem.errors && { errors: problem.errors }),
      ...(problem.retry_after !== undefined && { retryAfter: problem.retry_after }),
      ...(problem.limit && { limit: problem.limit }),
      ...(problem.active_run_id !== undefined && { activeRunId: problem.active_run_id }),
      ...(problem.import && { cutImport: problem.import }),
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
