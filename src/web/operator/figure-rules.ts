/** Which figures an operator is shown, where they come from, and which of them is no good sign. */

/** The groups of what is counted, in the order in which they are shown. */
export const GROUPS = ["requests", "runs", "history", "traces"] as const;
export type Group = (typeof GROUPS)[number];

interface Source {
  readonly metric: string;
  /** Samples with these labels alone are counted. */
  readonly of?: Readonly<Record<string, string>>;
  /** Samples with these labels are left out. */
  readonly but?: Readonly<Record<string, string>>;
}

export interface CountRule extends Source {
  /** The event of the runbooks that says what to do; a count that has one should stand still. */
  readonly event?: string;
}

export interface GaugeRule extends Source {
  /** A gauge out of these bounds is no good sign. */
  readonly least?: number;
  readonly most?: number;
  readonly event?: string;
}

const REQUESTS = "apex_http_requests_total";
const ENDED = "apex_runs_ended_total";
const ROWS = "apex_outbox_rows_total";
const D1 = "apex_d1_failures_total";

/** Counted since the platform was first deployed. */
export const COUNTS = {
  requests: [
    { name: "answered", metric: REQUESTS, of: { status: "2xx" } },
    { name: "redirected", metric: REQUESTS, of: { status: "3xx" } },
    { name: "refused", metric: REQUESTS, of: { status: "4xx" } },
    { name: "failed", metric: REQUESTS, of: { status: "5xx" }, event: "request_failed" },
    { name: "limited", metric: "apex_rate_limited_requests_total" },
  ],
  runs: [
    { name: "runsStarted", metric: "apex_runs_started_total" },
    { name: "runsCompleted", metric: ENDED, of: { status: "completed" } },
    { name: "runsCancelled", metric: ENDED, of: { status: "cancelled" } },
    { name: "runsFailed", metric: ENDED, of: { status: "failed" }, event: "run.failed" },
    { name: "runsResumed", metric: "apex_runs_resumed_total", event: "run.died" },
    {
      name: "modelFailed",
      metric: "apex_model_calls_total",
      but: { outcome: "ok" },
      event: "model_call_failed",
    },
  ],
  history: [
    { name: "rowsSaved", metric: ROWS, of: { outcome: "saved" } },
    { name: "postponed", metric: "apex_outbox_postponed_total", event: "outbox.postponed" },
    { name: "rowsRefused", metric: ROWS, of: { outcome: "refused" }, event: "outbox.row_refused" },
    { name: "d1Requests", metric: D1, of: { during: "request" }, event: "request_failed" },
    { name: "d1History", metric: D1, of: { during: "history" }, event: "outbox.postponed" },
  ],
  traces: [
    { name: "spansExported", metric: "apex_trace_spans_exported_total" },
    { name: "spansDropped", metric: "apex_trace_spans_dropped_total", event: "traces.dropped" },
  ],
} as const satisfies Record<Group, readonly (CountRule & { readonly name: string })[]>;

const BREAKER = "apex_breaker_open";

/** As they stand now. */
export const GAUGES = [
  { name: "sockets", metric: "apex_sockets_open" },
  { name: "reporters", metric: "apex_metrics_reporters", least: 1, event: "metrics.unreported" },
  {
    name: "modelBreaker",
    metric: BREAKER,
    of: { part: "model" },
    most: 0,
    event: "model_breaker_opened",
  },
  {
    name: "analyticsBreaker",
    metric: BREAKER,
    of: { part: "analytics" },
    most: 0,
    event: "analytics_breaker_opened",
  },
  {
    name: "historyBreaker",
    metric: BREAKER,
    of: { part: "history" },
    most: 0,
    event: "history_breaker_opened",
  },
] as const satisfies readonly (GaugeRule & { readonly name: string })[];

/** How long things take, in seconds. */
export const DURATIONS = [
  { name: "request", metric: "apex_http_request_duration_seconds" },
  { name: "queue", metric: "apex_run_queue_seconds" },
  { name: "run", metric: "apex_run_duration_seconds" },
  { name: "firstChunk", metric: "apex_model_first_chunk_seconds" },
  { name: "tool", metric: "apex_tool_call_duration_seconds" },
  { name: "outboxLag", metric: "apex_outbox_lag_seconds" },
] as const;

/** What the runbooks say of a part of the health, or of a breaker, that is degraded. */
export const PART_EVENTS: Readonly<Record<string, string>> = {
  database: "outbox.postponed",
  objects: "requests.uncounted",
  model: "model_breaker_opened",
  analytics: "analytics_breaker_opened",
  history: "history_breaker_opened",
};

export type CountName = (typeof COUNTS)[Group][number]["name"];
export type GaugeName = (typeof GAUGES)[number]["name"];
export type DurationName = (typeof DURATIONS)[number]["name"];
