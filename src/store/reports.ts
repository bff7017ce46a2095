/** One user's reports in D1, by the runs that made them. */
import { and, desc, eq } from "drizzle-orm";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { Report } from "../protocol/report.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { runReports } from "./history-tables.ts";

export class Reports {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * @returns the report of a run, or null where D1 has none of it.
   * @throws {ApexError} `unavailable` if D1 does not answer.
   */
  async get(runId: RunId): Promise<Report | null> {
    const own = and(eq(runReports.user_id, this.#userId), eq(runReports.id, runId));
    const row = await guardD1(this.#db.select().from(runReports).where(own).get());
    return row ? Report.parse(row.report) : null;
  }

  /**
   * @returns the newest report of a thread, or null where D1 has none of it.
   * @throws {ApexError} `unavailable` if D1 does not answer.
   */
  async latest(threadId: ThreadId): Promise<Report | null> {
    const own = and(eq(runReports.user_id, this.#userId), eq(runReports.thread_id, threadId));
    const newest = this.#db.select().from(runReports).where(own).orderBy(desc(runReports.version));
    const row = await guardD1(newest.limit(1).get());
    return row ? Report.parse(row.report) : null;
  }
}
