/** The Metrics object: the counts of all isolates added up, so that one scrape sees the whole platform. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod";
import type { MetricsBatch } from "../telemetry/registry.ts";
import { addSeries, DROPPED_KEY, Series } from "../telemetry/series.ts";
import { logEntries } from "./log-crossing.ts";
import type { MetricsRpc } from "./metrics.ts";
import { openTables } from "./schema.ts";

/**
 * The object's tables, one entry a version; entries are only ever appended. Totals are kept in pieces of
 * one metric each: a report writes as many rows as it has metrics, not as it has series.
 */
const SCHEMA = [
  `CREATE TABLE totals (name TEXT PRIMARY KEY, series TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE reporters (
     instance TEXT PRIMARY KEY, version INTEGER NOT NULL, reported_at INTEGER NOT NULL
   ) WITHOUT ROWID;`,
];

/** So long after its last report an isolate counts as alive, in milliseconds. */
const ALIVE_MS = 60_000;
/** For so long it is known what an isolate reported, so that nothing counts twice, in milliseconds. */
const REMEMBERED_MS = 60 * 60_000;

const Total = z.object({ series: z.string().transform((text) => Series.parse(JSON.parse(text))) });
const Reporter = z.object({ version: z.number() });
const Count = z.object({ total: z.number() });

export class Metrics extends DurableObject<Cloudflare.Env> implements MetricsRpc {
  readonly #sql: SqlStorage;
  readonly #totals = new Map<string, number[]>();

  static {
    logEntries(Metrics.prototype);
  }

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    openTables(ctx.storage, SCHEMA);
    this.#sql = ctx.storage.sql;
    for (const row of this.#sql.exec("SELECT series FROM totals")) {
      addSeries(this.#totals, Total.parse(row).series);
    }
  }

  async report({ instance, version, series }: MetricsBatch, at: number): Promise<void> {
    if (!this.#isNew(instance, version)) return;
    this.#sql.exec(
      "INSERT INTO reporters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, reported_at = excluded.reported_at",
      instance,
      version,
      at,
    );
    this.#sql.exec("DELETE FROM reporters WHERE reported_at < ?", at - REMEMBERED_MS);
    const left = addSeries(this.#totals, series);
    if (left > 0) addSeries(this.#totals, { [DROPPED_KEY]: [left] });
    this.#keep(new Set([DROPPED_KEY, ...Object.keys(series)].map(nameOf)));
  }

  async read(at: number): Promise<{ readonly series: Series; readonly reporters: number }> {
    const query = "SELECT count(*) AS total FROM reporters WHERE reported_at >= ?";
    const { total } = Count.parse(this.#sql.exec(query, at - ALIVE_MS).one());
    return { series: Object.fromEntries(this.#totals), reporters: total };
  }

  #isNew(instance: string, version: number): boolean {
    const [row] = this.#sql
      .exec("SELECT version FROM reporters WHERE instance = ?", instance)
      .toArray();
    return row === undefined || Reporter.parse(row).version < version;
  }

  /** Counters must not fall: they are stored before their report is answered. */
  #keep(names: ReadonlySet<string>): void {
    const byName = Map.groupBy(this.#totals, ([key]) => nameOf(key));
    for (const name of names) {
      const series = byName.get(name);
      if (series === undefined) continue;
      this.#sql.exec(
        "INSERT INTO totals VALUES (?, ?) ON CONFLICT DO UPDATE SET series = excluded.series",
        name,
        JSON.stringify(Object.fromEntries(series)),
      );
    }
  }
}

/** @returns the metric that a key begins with, without the rest being read. */
function nameOf(key: string): string {
  return key.slice(2, key.indexOf('"', 2));
}
