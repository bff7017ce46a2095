/** An error as the wire tells it: RFC 9457 problem details. */
import type { ApexError } from "./errors.ts";
import type { Problem } from "./problem.ts";
import { TITLES } from "./titles.ts";

/** Of a fault that has no more to tell a program. */
const UNNAMED = "invalid" as const;

/** @returns the problem details of an error, ready for the wire. */
export function problemOf(error: ApexError): Problem {
  const { code, errors, retryAfter, limit, activeRunId, cutImport } = error;
  return {
    type: `urn:apex-edge:problem:${code}`,
    title: TITLES[code],
    status: error.status,
    detail: error.message,
    code,
    ...(errors.length > 0 && { errors: errors.map((each) => ({ code: UNNAMED, ...each })) }),
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
    ...(limit !== undefined && { limit }),
    ...(activeRunId !== undefined && { active_run_id: activeRunId }),
    ...(cutImport !== undefined && { import: cutImport }),
  };
}
