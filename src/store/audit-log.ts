/** The audit log in D1: what happened to one user's account. Rows are added, never changed; of failed sign-ins the newest stay. */
import { and, desc, eq, lt, notInArray } from "drizzle-orm";
import { AuditEvent, type AuditPage } from "../protocol/account.ts";
import type { UserId } from "../protocol/ids.ts";
import { type CursorQuery, pageWith } from "../protocol/paging.ts";
import { AuditCursor, cursorOf, readCursor, writeCursor } from "./cursor.ts";
import { type Database, guardD1 } from "./database.ts";
import { auditEvents } from "./tables.ts";

/** Anybody who knows an email address can have this written, so that only so many of them are kept. */
const BOUNDED = { action: "sign_in_failed", most: 100 } as const;

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class AuditLog {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  async record(event: AuditEvent): Promise<void> {
    const insert = this.#db.insert(auditEvents).values({ ...event, user_id: this.#userId });
    if (event.action !== BOUNDED.action) await guardD1(insert);
    else await guardD1(this.#db.batch([insert, this.#forgetOldest()]));
  }

  #forgetOldest() {
    const isOne = and(
      eq(auditEvents.user_id, this.#userId),
      eq(auditEvents.action, BOUNDED.action),
    );
    const newest = this.#db
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .where(isOne)
      .orderBy(desc(auditEvents.id))
      .limit(BOUNDED.most);
    return this.#db.delete(auditEvents).where(and(isOne, notInArray(auditEvents.id, newest)));
  }

  /**
   * @returns a page of the events, the newest first.
   * @throws {ApexError} `invalid_fields` where the cursor is not one of this list.
   */
  async list(query: CursorQuery): Promise<AuditPage> {
    const isOwn = eq(auditEvents.user_id, this.#userId);
    const { limit } = query;
    const cursor = cursorOf(query);
    const after = cursor === undefined ? null : readCursor(AuditCursor, cursor).after;
    const rows = await guardD1(
      this.#db
        .select()
        .from(auditEvents)
        .where(after === null ? isOwn : and(isOwn, lt(auditEvents.id, after)))
        .orderBy(desc(auditEvents.id))
        .limit(limit + 1),
    );
    const data = rows.slice(0, limit).map((row) => AuditEvent.parse(row));
    const last = rows.length > limit ? data.at(-1) : undefined;
    return pageWith(data, last ? writeCursor({ list: "audit", after: last.id }) : null);
  }
}
