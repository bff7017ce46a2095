/** Picks the store that the settings name, behind its guard, and the way into it. */
import type { BreakerStatus } from "../core/breaker.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { ClickhouseServer } from "./clickhouse/connection.ts";
import { ClickhouseIntake } from "./clickhouse/intake.ts";
import { clickhouseUsageStore } from "./clickhouse/store.ts";
import { D1Intake } from "./d1-intake.ts";
import { d1UsageStore } from "./d1-store.ts";
import { guardedUsageStore } from "./guarded-store.ts";
import { ImportList } from "./import-list.ts";
import type { Intake } from "./intake.ts";
import { rememberingStore } from "./remembering-store.ts";
import type { UsageStore } from "./store.ts";

/**
 * How long a question may take, its repetitions included, in milliseconds: a tool has to have time left to
 * answer from memory. ClickHouse answers in a fraction of a second, or not at all.
 */
const DEADLINE_MS = { clickhouse: 5_000, d1: 15_000 } as const;

export interface UsageStoreSettings {
  /** Null for D1. */
  readonly clickhouse: ClickhouseServer | null;
  readonly db: D1Database;
}

export interface UsageStorePorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Told whenever the breaker opened or closed. */
  readonly onChange: (status: BreakerStatus) => void;
}

/** @returns the store; keep the object, for it keeps the breaker. */
export function chooseUsageStore(
  { clickhouse, db }: UsageStoreSettings,
  { clock, log, onChange }: UsageStorePorts,
): UsageStore {
  const store = clickhouse === null ? d1UsageStore(db) : clickhouseUsageStore(clickhouse);
  const of = clickhouse === null ? "d1" : "clickhouse";
  const guarded = guardedUsageStore(store, {
    clock,
    deadlineMs: DEADLINE_MS[of],
    onChange(status) {
      if (status.state === "closed") log.info("analytics_breaker_closed", { store: of });
      else log.warn("analytics_breaker_opened", { store: of, failures: status.failuresInRow });
      onChange(status);
    },
  });
  return rememberingStore(guarded, clock);
}

/** @returns the way of a workspace's usage into that store; made for one request. */
export function chooseIntake({ clickhouse, db }: UsageStoreSettings, workspaceId: string): Intake {
  return clickhouse === null
    ? new D1Intake(db, workspaceId)
    : new ClickhouseIntake({ server: clickhouse, db }, workspaceId);
}

/** @returns the list of a workspace's imports into that store. */
export function chooseImportList(
  { clickhouse, db }: UsageStoreSettings,
  workspaceId: string,
): ImportList {
  return new ImportList(db, workspaceId, clickhouse === null ? "d1" : "clickhouse");
}
