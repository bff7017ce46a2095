/** The audit log in D1: what happened to one user's account. Rows are added, never changed. */
import { and, desc, eq, lt } from "drizzle-orm";
import { AuditEvent, type AuditPage } from "../protocol/account.ts";
import type { UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { auditEvents } from "./tables.ts";

/** Every method throws {@link ApexError} `unavailable` where D1 does not answer. */
export class AuditLog {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  async record(event: AuditEvent): Promise<void> {
    await guardD1(this.#db.insert(auditEvents).values({ ...event, user_id: this.#userId }));
  }

  /** @param page.cursor the id of the last event that was read. @returns newest first. */
  async list({
    limit,
    cursor,
  }: {
    limit: number;
    cursor?: string | undefined;
  }): Promise<AuditPage> {
    const isOwn = eq(auditEvents.user_id, this.#userId);
    const rows = await guardD1(
      this.#db
        .select()
        .from(auditEvents)
        .where(cursor === undefined ? isOwn : and(isOwn, lt(auditEvents.id, cursor)))
        .orderBy(desc(auditEvents.id))
        .limit(limit + 1),
    );
    const data = rows.slice(0, limit).map((row) => AuditEvent.parse(row));
    return { data, next_cursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
  }
}
