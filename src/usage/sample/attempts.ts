/** How the sample company sends its requests: once, or again where one failed, or in a storm of retries. */
import type { Feature } from "./features.ts";
import type { Plant } from "./plants.ts";
import {
  DAY_MS,
  HOUR_MS,
  type Request,
  requestsOf,
  runawayRequests,
  type Span,
  workingDay,
} from "./requests.ts";

/** How an attempt ended; a superseded one was answered too late, and sent again. */
export type Outcome =
  | "answered"
  | "superseded"
  | "timeout"
  | "rate_limit_exceeded"
  | "server_error";

/** One attempt at a request. */
export interface Attempt {
  readonly request: Request;
  /** From 1. */
  readonly number: number;
  readonly ts: number;
  readonly outcome: Outcome;
  /** Milliseconds until a failure was known. */
  readonly failedAfterMs: number;
  /** How much slower than usual the first token came. */
  readonly slowness: number;
}

/** How many of the requests that failed are tried once more. */
const RETRIES = 0.7;
const TIMEOUT_MS = 60_000;
/** Between a failure and the next attempt. */
const PAUSE_MS = 1_000;
/** In a storm, an attempt that was answered after its caller had given up. */
const SUPERSEDED = 0.2;
const FAILURES = ["timeout", "rate_limit_exceeded", "rate_limit_exceeded", "server_error"] as const;

/** @returns the attempts that begin on a day's requests of a feature, by request. */
export function attemptsOf(
  feature: Feature,
  span: Span,
  day: number,
  isPlanted: (plant: Plant) => boolean,
): Attempt[] {
  const storm = isPlanted("retry_storm") ? stormOf(feature, span) : null;
  const runaway = isPlanted("runaway_agent") ? runawayRequests(feature, span, day) : [];
  return [...requestsOf(feature, span, day), ...runaway].flatMap((request) =>
    storm && request.ts >= storm.from && request.ts < storm.to
      ? stormy(request, storm.attempts)
      : ordinary(request),
  );
}

function stormOf({ plants: { retry_storm: storm } }: Feature, span: Span) {
  if (!storm) return null;
  const midnight = (span.firstDay + workingDay(span, storm.at)) * DAY_MS;
  const [from, to] = storm.hours.map((hour) => midnight + hour * HOUR_MS);
  return from === undefined || to === undefined ? null : { from, to, attempts: storm.attempts };
}

function ordinary(request: Request): Attempt[] {
  const { random, model } = request;
  const first = attempt(request, 1, request.ts, "answered");
  if (!random.chance(model.errorShare)) return [first];
  const outcome = random.pick(FAILURES);
  const failedAfterMs = outcome === "timeout" ? TIMEOUT_MS : random.logNormal(250, 0.4);
  const failed = { ...first, outcome, failedAfterMs };
  if (!random.chance(RETRIES)) return [failed];
  return [failed, attempt(request, 2, request.ts + failedAfterMs + PAUSE_MS, "answered")];
}

/** Each attempt is given up after a minute, and the next one sent; the last is answered. */
function stormy(request: Request, attempts: number): Attempt[] {
  return Array.from({ length: attempts }, (_, index) => {
    const outcome = request.random.chance(SUPERSEDED) ? "superseded" : "timeout";
    const ts = request.ts + index * (TIMEOUT_MS + PAUSE_MS);
    return attempt(request, index + 1, ts, index === attempts - 1 ? "answered" : outcome);
  });
}

function attempt(request: Request, number: number, ts: number, outcome: Outcome): Attempt {
  const slowness = request.random.logNormal(1_000, 0.35) / 1_000;
  return { request, number, ts, outcome, failedAfterMs: TIMEOUT_MS, slowness };
}
