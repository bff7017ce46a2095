/** The calls of who operates the platform; for everybody but operators most of them do not exist. */
import type { AuditEvent, AuditPage } from "../protocol/account.ts";
import type {
  CircuitBreaker,
  CircuitBreakers,
  DeadLetter,
  DeadLetters,
  Health,
  ReplayedDeadLetters,
  RestoredHistory,
} from "../protocol/api.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import type {
  HistogramFamily,
  MetricFamily,
  MetricsSnapshot,
  ScalarFamily,
} from "../protocol/metrics.ts";
import type { CursorQuery } from "../protocol/paging.ts";
import { type Ask, below } from "./ask.ts";
import {
  type Check,
  count,
  labels,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  text,
} from "./checks.ts";
import { PAGING } from "./entities.ts";

const isState = oneOf<Health["status"]>({ healthy: 1, degraded: 1 });

const isHealth = object<Health>({
  status: isState,
  parts: record(isState),
  model_provider: oneOf({ openai: 1, demo: 1 }),
});

const standing = {
  state: oneOf<CircuitBreaker["state"]>({ closed: 1, half_open: 1, open: 1 }),
  since: nullable(text),
  failures: count,
  next_probe_at: nullable(text),
};

const isCircuitBreakers = object<CircuitBreakers>({
  data: list(
    object<CircuitBreaker>({
      ...standing,
      part: text,
      instances: list(
        object<CircuitBreaker["instances"][number]>({ ...standing, reported_at: text }),
      ),
    }),
  ),
});

const named = { name: text, help: text };
const isScalar = object<ScalarFamily>({
  ...named,
  type: oneOf<ScalarFamily["type"]>({ counter: 1, gauge: 1 }),
  samples: list(object<ScalarFamily["samples"][number]>({ labels, value: number })),
});
const isHistogram = object<HistogramFamily>({
  ...named,
  type: oneOf<"histogram">({ histogram: 1 }),
  samples: list(
    object<HistogramFamily["samples"][number]>({
      labels,
      buckets: list(
        object<HistogramFamily["samples"][number]["buckets"][number]>({ le: number, count }),
      ),
      sum: number,
      count,
    }),
  ),
});
const isFamily: Check<MetricFamily> = (value): value is MetricFamily =>
  isScalar(value) || isHistogram(value);
const isMetricsSnapshot = object<MetricsSnapshot>({ data: list(isFamily) });

const isAuditPage = object<AuditPage>({
  data: list(
    object<AuditEvent>({
      id: text,
      // An event type that is newer than this client is still shown to the reader of the log.
      action: text<AuditEvent["action"]>,
      at: text,
      by: nullable(text),
      address: nullable(text),
      user_agent: nullable(text),
      subject: nullable(text),
    }),
  ),
  ...PAGING,
});

const isDeadLetters = object<DeadLetters>({
  data: list(
    object<DeadLetter>({
      id: count,
      kind: oneOf({ message: 1, run: 1, report: 1, supersession: 1, thread: 1 }),
      subject_id: text,
      version: count,
      characters: count,
      reason: text,
      refused_at: text,
    }),
  ),
  total: count,
});

const isReplayed = object<ReplayedDeadLetters>({ replayed: count });
const isRestored = object<RestoredHistory>({ runs: count });

export function operatorCalls(ask: Ask) {
  const path = "/api/operator";
  const threadOf = (user: UserId, thread: ThreadId) =>
    below(below(`${path}/threads`, user), thread);
  const letters = (user: UserId, thread: ThreadId) => `${threadOf(user, thread)}/dead-letters`;
  return {
    /** How every part is; for everybody. */
    health: (): Promise<Health> => ask(isHealth, { method: "GET", path: "/api/health" }),
    /** How the breaker of every part stands, on each instance; for everybody who reads usage. */
    breakers: (): Promise<CircuitBreakers> =>
      ask(isCircuitBreakers, { method: "GET", path: "/api/circuit-breakers" }),
    /** What all isolates counted. @throws ApexError `not_found` to who is no operator. */
    metrics: (): Promise<MetricsSnapshot> =>
      ask(isMetricsSnapshot, { method: "GET", path: "/metrics" }),
    /** What happened to an account, the newest first: the account learns that it was read. */
    audit: (user: UserId, query: Partial<CursorQuery> = {}): Promise<AuditPage> =>
      ask(isAuditPage, { method: "GET", path: below(`${path}/audit`, user), query }),
    /** What the history refused of a thread. */
    deadLetters: (user: UserId, thread: ThreadId): Promise<DeadLetters> =>
      ask(isDeadLetters, { method: "GET", path: letters(user, thread) }),
    /** Has it tried once more; what is refused again is among the dead letters again. */
    replayDeadLetters: (user: UserId, thread: ThreadId): Promise<ReplayedDeadLetters> =>
      ask(isReplayed, { method: "POST", path: `${letters(user, thread)}/replay` }),
    /** Has the history told all of a thread once more, after a database was brought back. */
    restoreHistory: (user: UserId, thread: ThreadId): Promise<RestoredHistory> =>
      ask(isRestored, { method: "POST", path: `${threadOf(user, thread)}/restore` }),
  };
}
