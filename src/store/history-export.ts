/** What D1 keeps of one user's threads and no list of the API shows whole: for the export of one's data. */
import { and, eq, inArray } from "drizzle-orm";
import type { ExportLine } from "../protocol/account.ts";
import { Run } from "../protocol/entities.ts";
import { RunId, ThreadId, type UserId } from "../protocol/ids.ts";
import { Report } from "../protocol/report.ts";
import { ThreadShare } from "../protocol/sharing.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { runReports, runs, threadShares, threads } from "./history-tables.ts";

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class HistoryExport {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @returns which threads are shared, and since when; of the links nothing. */
  async shares(): Promise<ExportLine[]> {
    const rows = await guardD1(
      this.#db
        .select({ share: threadShares })
        .from(threadShares)
        .innerJoin(threads, eq(threads.id, threadShares.thread_id))
        .where(eq(threads.user_id, this.#userId)),
    );
    return rows.map(({ share }) => ({
      kind: "thread_share",
      thread_id: ThreadId.parse(share.thread_id),
      thread_share: ThreadShare.parse(share),
    }));
  }

  /** @param ids 99 at most, because D1 binds 100 values. @returns those of the runs that D1 has. */
  async runs(ids: readonly RunId[]): Promise<Run[]> {
    if (ids.length === 0) return [];
    const query = this.#db.select().from(runs);
    const own = eq(runs.user_id, this.#userId);
    const rows = await guardD1(query.where(and(own, inArray(runs.id, [...ids]))));
    return rows.map((row) => Run.parse({ ...row, final_response: null }));
  }

  /** @param ids of runs, 99 at most. @returns the reports that D1 has of them. */
  async reports(ids: readonly RunId[]): Promise<ExportLine[]> {
    if (ids.length === 0) return [];
    const query = this.#db.select().from(runReports);
    const own = eq(runReports.user_id, this.#userId);
    const rows = await guardD1(query.where(and(own, inArray(runReports.id, [...ids]))));
    return rows.map(({ id, report }) => {
      return { kind: "report", run_id: RunId.parse(id), report: Report.parse(report) };
    });
  }
}
