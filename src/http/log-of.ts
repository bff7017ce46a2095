/** The log of a request: each of its lines says which request, which trace and, once known, which user it is of. */
import { consoleLog, type Log, logWith } from "../core/log.ts";
import type { Span } from "../core/trace.ts";

interface LoggedRequest {
  readonly var: {
    readonly requestId?: string;
    readonly span?: Span;
    readonly principal?: { readonly userId: string };
  };
}

/** @returns the log to write of a request with, whatever it is that has to be said. */
export function logOf({ var: { requestId, span, principal } }: LoggedRequest): Log {
  const user_id = principal?.userId;
  return logWith(consoleLog, { request_id: requestId, trace_id: span?.context?.traceId, user_id });
}
