/**
 * Data points for Workers Analytics Engine: one per request and one per run. The order of their columns never
 * changes.
 */

/** The shape that the binding takes: one index, by which it samples, then texts and numbers. */
export interface DataPoint {
  readonly indexes: [string];
  readonly blobs: string[];
  readonly doubles: number[];
}

interface AnsweredRequest {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
  readonly traceId: string;
}

/** @returns `request` by route: blobs kind, route, method, trace; doubles status, milliseconds. */
export function requestPoint(request: AnsweredRequest): DataPoint {
  const { route, method, status, durationMs, traceId } = request;
  return {
    indexes: [route],
    blobs: ["request", route, method, traceId],
    doubles: [status, durationMs],
  };
}

export interface EndedRun {
  readonly agent: string;
  readonly model: string;
  readonly status: string;
  readonly durationMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null if the model's price is unknown. */
  readonly costUsd: number | null;
  readonly traceId: string;
}

/** @returns `run` by agent: blobs kind, agent, model, trace, status; doubles milliseconds, tokens in and out, US$. */
export function runPoint(run: EndedRun): DataPoint {
  const { agent, model, status, traceId, durationMs, inputTokens, outputTokens, costUsd } = run;
  return {
    indexes: [agent],
    blobs: ["run", agent, model, traceId, status],
    doubles: [durationMs, inputTokens, outputTokens, costUsd ?? 0],
  };
}
