/** The Breakers object: how the breakers of all isolates stand, each of which knows only its own. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod";
import type { BreakerReport, BreakersRpc, ReportedBreaker } from "./breakers.ts";
import { logEntries } from "./log-crossing.ts";
import { openTables } from "./schema.ts";

/** The object's tables, one entry a version; entries are only ever appended. */
const SCHEMA = [
  `CREATE TABLE reports (
     part TEXT NOT NULL, instance TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
     since INTEGER, failures INTEGER NOT NULL, next_probe_at INTEGER, reported_at INTEGER NOT NULL,
     PRIMARY KEY (part, instance)
   ) WITHOUT ROWID;`,
];

/** How long it is believed that a breaker is open past its next probe, without another word of it. */
const PATIENCE_MS = 2 * 60_000;
/** How long it is remembered that a breaker closed. */
const REMEMBERED_MS = 60 * 60_000;
/** The most reports of a view. */
const MOST_REPORTS = 200;

const Row = z.object({
  part: z.string(),
  state: z.enum(["closed", "open"]),
  since: z.number().nullable(),
  failures: z.number(),
  next_probe_at: z.number().nullable(),
  reported_at: z.number(),
});

export class Breakers extends DurableObject<Cloudflare.Env> implements BreakersRpc {
  readonly #sql: SqlStorage;

  static {
    logEntries(Breakers.prototype);
  }

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    openTables(ctx.storage, SCHEMA);
    this.#sql = ctx.storage.sql;
  }

  async report({ part, instance, version, status, at }: BreakerReport): Promise<void> {
    this.#sql.exec(
      `INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET version = excluded.version, state = excluded.state, since = excluded.since,
         failures = excluded.failures, next_probe_at = excluded.next_probe_at,
         reported_at = excluded.reported_at
       WHERE version < excluded.version`,
      part,
      instance,
      version,
      status.state,
      status.since,
      status.failuresInRow,
      status.nextProbeAt,
      at,
    );
    this.#sql.exec(
      "DELETE FROM reports WHERE coalesce(next_probe_at + ?, reported_at + ?) < ?",
      PATIENCE_MS,
      REMEMBERED_MS,
      at,
    );
  }

  async view(at: number, parts: readonly string[]): Promise<ReportedBreaker[]> {
    const rows = this.#sql.exec(
      `SELECT part, state, since, failures, next_probe_at, reported_at FROM reports
       WHERE coalesce(next_probe_at + ?, reported_at + ?) >= ?
         AND part IN (SELECT value FROM json_each(?))
       ORDER BY reported_at DESC LIMIT ?`,
      PATIENCE_MS,
      REMEMBERED_MS,
      at,
      JSON.stringify(parts),
      MOST_REPORTS,
    );
    return rows.toArray().map((row) => Row.parse(row));
  }
}
