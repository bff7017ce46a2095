/** What D1 keeps of one user and no list of the API shows whole: for the export of one's data. */
import { and, eq, inArray } from "drizzle-orm";
import { ApiKey, type ExportLine, Session } from "../protocol/account.ts";
import { Run } from "../protocol/entities.ts";
import { RunId, type UserId } from "../protocol/ids.ts";
import { Report } from "../protocol/report.ts";
import { type Database, guardD1 } from "./database.ts";
import { apiKeys, identities, runReports, runs, sessions } from "./tables.ts";

const SessionLine = Session.omit({ current: true });

/** Every method throws {@link ApexError} `unavailable` where D1 does not answer. */
export class AccountExport {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @returns every sign-in that is kept, ended ones too. */
  async sessions(): Promise<ExportLine[]> {
    const own = eq(sessions.user_id, this.#userId);
    const rows = await guardD1(this.#db.select().from(sessions).where(own));
    return rows.map((row) => {
      const last_used_at = row.last_used_at || row.created_at;
      return { kind: "session", session: SessionLine.parse({ ...row, last_used_at }) };
    });
  }

  /** @returns every API key that is kept, revoked ones too; of its secret nothing. */
  async apiKeys(): Promise<ExportLine[]> {
    const own = eq(apiKeys.user_id, this.#userId);
    const rows = await guardD1(this.#db.select().from(apiKeys).where(own));
    return rows.map((row) => ({ kind: "api_key", api_key: ApiKey.parse(row) }));
  }

  async identities(): Promise<ExportLine[]> {
    const own = eq(identities.user_id, this.#userId);
    const rows = await guardD1(this.#db.select().from(identities).where(own));
    return rows.map(({ issuer, subject }) => ({ kind: "identity", issuer, subject }));
  }

  /** @param ids 99 at most, because D1 binds 100 values. @returns those of the runs that D1 has. */
  async runs(ids: readonly RunId[]): Promise<Run[]> {
    const query = this.#db.select().from(runs);
    const own = eq(runs.user_id, this.#userId);
    const rows = await guardD1(query.where(and(own, inArray(runs.id, [...ids]))));
    return rows.map((row) => Run.parse({ ...row, final_response: null }));
  }

  /** @param ids of runs, 99 at most. @returns the reports that D1 has of them. */
  async reports(ids: readonly RunId[]): Promise<ExportLine[]> {
    const query = this.#db.select().from(runReports);
    const own = eq(runReports.user_id, this.#userId);
    const rows = await guardD1(query.where(and(own, inArray(runReports.id, [...ids]))));
    return rows.map(({ id, report }) => {
      return { kind: "report", run_id: RunId.parse(id), report: Report.parse(report) };
    });
  }
}
