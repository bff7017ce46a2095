/** Metrics as a port: every figure that operators are shown, by name, and how the product counts it. */

/** Upper bounds of durations, in seconds: from a cached answer to a run of ten minutes. */
const SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600,
] as const;
/** Upper bounds of the rows of one try: what is not below 50 has more behind it. */
const ROWS = [1, 2, 5, 10, 25, 49, 50] as const;

/** @param kinds the values of its one label, where they are few: they are shown from the beginning, as 0. */
const counter = <const Labels extends readonly string[]>(
  help: string,
  labels: Labels,
  kinds: readonly string[] = [],
) => ({ type: "counter", help, labels, kinds }) as const;
const gauge = <const Labels extends readonly string[]>(help: string, labels: Labels) =>
  ({ type: "gauge", help, labels }) as const;
const histogram = <const Labels extends readonly string[]>(
  help: string,
  labels: Labels,
  bounds: readonly number[] = SECONDS,
) => ({ type: "histogram", help, labels, bounds }) as const;

/**
 * By the names that Prometheus knows them by. The values of every label come from a list that the
 * product or its configuration has: never from a request.
 */
export const METRICS = {
  apex_http_requests_total: counter("Requests answered", ["route", "method", "status"]),
  apex_http_request_duration_seconds: histogram("Time to the answer's headers", [
    "route",
    "method",
  ]),
  apex_rate_limited_requests_total: counter("Requests refused as too many", ["code"]),
  apex_runs_started_total: counter("Runs begun", ["agent"]),
  apex_runs_ended_total: counter("Runs that came to their end", ["agent", "status"]),
  apex_runs_resumed_total: counter("Lives of runs that took up where another was cut off", [
    "agent",
  ]),
  apex_run_duration_seconds: histogram("From a run's begin to its end", ["agent"]),
  apex_run_queue_seconds: histogram("From an accepted message to the begin of its run", []),
  apex_model_calls_total: counter("Turns asked of a model", ["provider", "model", "outcome"]),
  apex_model_call_duration_seconds: histogram("From the request to the end of the turn", [
    "provider",
    "model",
  ]),
  apex_model_first_chunk_seconds: histogram("From the request to the first of the answer", [
    "provider",
    "model",
  ]),
  apex_model_tokens_total: counter(
    "Tokens, the cached among the input, the reasoning among output",
    ["provider", "model", "kind"],
  ),
  apex_tool_calls_total: counter("Tool calls executed", ["tool", "outcome"]),
  apex_tool_call_duration_seconds: histogram("From a tool call's begin to its end", ["tool"]),
  apex_sockets_open: gauge("Sockets open at threads, as the users' objects know of them", []),
  apex_outbox_rows_total: counter(
    "Rows of the history: saved, or refused for good",
    ["outcome"],
    ["saved", "refused"],
  ),
  apex_outbox_postponed_total: counter("Tries to save the history that have to be repeated", []),
  apex_outbox_depth_rows: histogram("Rows in one try to save the history, 50 at most", [], ROWS),
  apex_outbox_lag_seconds: histogram("How long rows had waited when the history had them", []),
  apex_d1_failures_total: counter(
    "Queries that D1 failed or did not answer in time",
    ["during"],
    ["request", "history"],
  ),
  apex_trace_spans_exported_total: counter("Spans that the collector took", []),
  apex_trace_spans_dropped_total: counter(
    "Spans that no collector will ever have",
    ["reason"],
    ["queue_full", "unreachable", "refused", "breaker_open"],
  ),
  apex_metrics_series_dropped_total: counter(
    "Counts left out because there were too many series",
    [],
  ),
} as const;

export type MetricName = keyof typeof METRICS;
type NameOf<Type extends string> = {
  [Name in MetricName]: (typeof METRICS)[Name]["type"] extends Type ? Name : never;
}[MetricName];

/** The labels of a metric, all of them. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]["labels"][number], string>
>;

/** Neither throws, nor waits, nor costs more than the change of a number in memory. */
export interface Metrics {
  /** @param by how much: more than 0 for counters; gauges may go down. */
  add<Name extends NameOf<"counter" | "gauge">>(
    name: Name,
    labels: LabelsOf<Name>,
    by?: number,
  ): void;
  observe<Name extends NameOf<"histogram">>(
    name: Name,
    labels: LabelsOf<Name>,
    value: number,
  ): void;
}

/** Where nobody counts. */
export const NO_METRICS: Metrics = { add: () => undefined, observe: () => undefined };
