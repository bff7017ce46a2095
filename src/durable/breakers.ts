/** The shared view of breakers: isolates report how theirs stand, and whoever asks is told of all of them. */
import type { BreakerStatus } from "../core/breaker.ts";
import { newId, timestamp } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { MAIN_DATABASE } from "../env/history-shards.ts";
import type { CircuitBreaker } from "../protocol/api.ts";
import type { McpServerId } from "../protocol/ids.ts";
import { historyShards } from "./history-database.ts";
import { BREAKERS_OBJECT_NAME, PROBE_OBJECT_NAME } from "./names.ts";
import { reach } from "./reach.ts";

/** The parts that a breaker guards, or of the history: watches. */
export const GUARDED_PARTS = ["model", "analytics", "history"] as const;
export type GuardedPart = (typeof GUARDED_PARTS)[number] | HistoryPart | ConnectedPart;
/** The history in a database of its own. */
type HistoryPart = `history:${string}`;
/** A server that a user has connected. */
type ConnectedPart = `mcp:${McpServerId}`;

/** @returns the name of the history in a database, as a guarded part. */
export function historyPart(database: string): GuardedPart {
  return database === MAIN_DATABASE ? "history" : `history:${database}`;
}

/**
 * @returns the parts that everybody shares.
 * @throws {ApexError} `misconfigured`.
 */
export function sharedParts(env: Cloudflare.Env): GuardedPart[] {
  return [...GUARDED_PARTS, ...[...historyShards(env).keys()].map(historyPart)];
}

/** @returns the name of a connected server as a guarded part: only its user is told of it. */
export function connectedPart(id: McpServerId): ConnectedPart {
  return `mcp:${id}`;
}

/** Neither a run nor a probe of health waits longer for the view, in milliseconds. */
const DEADLINE_MS = 1_000;

export interface BreakerReport {
  readonly part: GuardedPart;
  /** Whose breaker it is. */
  readonly instance: string;
  /** Counts the reports of an instance: an older one that comes late changes nothing. */
  readonly version: number;
  readonly status: BreakerStatus;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A report as it is remembered; moments in milliseconds since the Unix epoch. */
export interface ReportedBreaker {
  readonly part: string;
  readonly state: "closed" | "open";
  readonly since: number | null;
  readonly failures: number;
  readonly next_probe_at: number | null;
  readonly reported_at: number;
}

/** What others ask of the Breakers object. Every call is bounded, and safe to repeat. */
export interface BreakersRpc {
  report(report: BreakerReport): Promise<void>;
  /** @returns what is still believed of the reports about some parts, the newest first. */
  view(at: number, parts: readonly string[]): Promise<ReportedBreaker[]>;
}

type Namespace = Pick<Cloudflare.Env, "BREAKERS">;

/** @returns what tells the others how a breaker of this isolate stands; nobody waits for that. */
export function breakerReports({ BREAKERS }: Namespace, clock: { now(): number }, log: Log) {
  const instance = newId();
  let version = 0;
  return (part: GuardedPart) => (status: BreakerStatus) => {
    version += 1;
    const report = { part, instance, version, status, at: clock.now() };
    reach(
      () => BREAKERS.getByName(BREAKERS_OBJECT_NAME),
      (breakers) => breakers.report(report),
      DEADLINE_MS,
    ).catch((error: unknown) => log.error("breaker.unreported", error, { part }));
  };
}

/**
 * @param parts those asked about.
 * @returns how each of them stands; one of which nothing was reported is closed.
 * @throws {DeadlineExceeded}, or what the object failed with.
 */
export async function viewBreakers(
  { BREAKERS }: Namespace,
  clock: { now(): number },
  parts: readonly GuardedPart[],
): Promise<CircuitBreaker[]> {
  const now = clock.now();
  const reports = await reach(
    () => BREAKERS.getByName(BREAKERS_OBJECT_NAME),
    (breakers) => breakers.view(now, parts),
    DEADLINE_MS,
  );
  return parts.map((part) => {
    const instances = reports
      .filter((report) => report.part === part)
      .map((report) => ({ ...statusOf(report, now), reported_at: timestamp(report.reported_at) }));
    const worst =
      instances.find(({ state }) => state === "open") ??
      instances.find(({ state }) => state === "half_open") ??
      instances[0] ??
      NEVER_OPENED;
    const { state, since, failures, next_probe_at } = worst;
    return { state, since, failures, next_probe_at, part, instances };
  });
}

/** @returns whether an object answers that nobody else asks anything: it is slow only where all objects are. */
export async function anObjectAnswers(
  { BREAKERS }: Namespace,
  clock: { now(): number },
): Promise<boolean> {
  try {
    await reach(
      () => BREAKERS.getByName(PROBE_OBJECT_NAME),
      (probe) => probe.view(clock.now(), []),
      DEADLINE_MS,
    );
    return true;
  } catch {
    return false;
  }
}

const NEVER_OPENED = { state: "closed", since: null, failures: 0, next_probe_at: null } as const;

function statusOf({ state, since, failures, next_probe_at }: ReportedBreaker, now: number) {
  const isDue = next_probe_at !== null && next_probe_at <= now;
  return {
    state: isDue ? ("half_open" as const) : state,
    since: since === null ? null : timestamp(since),
    failures,
    next_probe_at: next_probe_at === null ? null : timestamp(next_probe_at),
  };
}
