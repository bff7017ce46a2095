/** W3C Trace Context (https://www.w3.org/TR/trace-context/): how a trace crosses from one system into the next. */
import { parseTraceParent, TraceState } from "@opentelemetry/core";
import type { TraceContext } from "./trace.ts";

/** The flag that says that the caller may have recorded the trace. */
const SAMPLED = 0x01;
/** A `traceparent` has 55 characters; one of a later version may be longer, but not without end. */
const MAX_PARENT_LENGTH = 256;
/** What is kept of a `tracestate`, in characters, as the standard asks of everybody. */
const MAX_STATE_LENGTH = 512;

/**
 * Reads where a request stands. A `traceparent` that is not as it must be is as good as none, and then
 * nothing of `tracestate` counts either.
 * @returns null where the request is in no trace.
 */
export function readTraceContext(headers: {
  get(name: string): string | null;
}): TraceContext | null {
  const parent = headers.get("traceparent");
  if (parent === null || parent.length > MAX_PARENT_LENGTH) return null;
  const parsed = parseTraceParent(parent.trim());
  if (parsed === null) return null;
  const { traceId, spanId, traceFlags } = parsed;
  return {
    traceId,
    spanId,
    sampled: (traceFlags & SAMPLED) !== 0,
    state: readState(headers.get("tracestate")),
  };
}

/** @returns the `traceparent` header of what is asked in a trace; flags that we don't know are not handed on. */
export function traceparentOf({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** @returns the header that says to others in which trace they are asked; none where there is no trace. */
export function traceHeaders(context: TraceContext | null | undefined): Record<string, string> {
  return context ? { traceparent: traceparentOf(context) } : {};
}

/** Members that are not as they must be are left out; of a list that is too long, the last ones. */
function readState(value: string | null): string | null {
  if (value === null || value.length > MAX_STATE_LENGTH) return null;
  const state = new TraceState(value).serialize();
  return state === "" ? null : state;
}
