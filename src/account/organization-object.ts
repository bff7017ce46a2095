/** The Organization object: what the members of a team spent together, day by day. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { DAY_MS, dayOf, NOTHING_SPENT, plus, Spend } from "../core/quota.ts";
import { logEntries } from "../durable/log-crossing.ts";
import { openTables } from "../durable/schema.ts";
import type { UserId } from "../protocol/ids.ts";
import type { OrganizationRpc } from "./rpc.ts";
import { KEPT_DAYS } from "./spend.ts";

/**
 * The object's tables, one entry a version; entries are only ever appended.
 * - `spend`: what each member spent on a day (UTC, counted from the Unix epoch).
 */
const SCHEMA = [
  `CREATE TABLE spend (
     day INTEGER NOT NULL, user_id TEXT NOT NULL,
     tokens INTEGER NOT NULL, usd REAL NOT NULL, runs INTEGER NOT NULL, PRIMARY KEY (day, user_id)
   ) WITHOUT ROWID;`,
];

const Oldest = z.object({ day: z.number().nullable() });

export class Organization extends DurableObject<Cloudflare.Env> implements OrganizationRpc {
  readonly #sql: SqlStorage;

  static {
    logEntries(Organization.prototype);
  }

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    openTables(ctx.storage, SCHEMA);
    this.#sql = ctx.storage.sql;
  }

  async tally(userId: UserId, at: number, { tokens, usd, runs }: Spend): Promise<Spend> {
    const day = dayOf(at);
    this.#sql.exec(
      `INSERT INTO spend VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET tokens = excluded.tokens, usd = excluded.usd, runs = excluded.runs
       WHERE runs < excluded.runs`,
      day,
      userId,
      tokens,
      usd,
      runs,
    );
    await this.#purge(day);
    const rows = this.#sql.exec("SELECT tokens, usd, runs FROM spend WHERE day = ?", day);
    return rows
      .toArray()
      .map((row) => Spend.parse(row))
      .reduce(plus, NOTHING_SPENT);
  }

  async forget(userId: UserId): Promise<void> {
    this.#sql.exec("DELETE FROM spend WHERE user_id = ?", userId);
  }

  async erase(): Promise<void> {
    this.#sql.exec("DELETE FROM spend");
    await this.ctx.storage.deleteAlarm();
  }

  /** Deletes old days even if nobody asks any more. */
  override async alarm(): Promise<void> {
    await this.#purge(dayOf(systemClock.now()));
  }

  async #purge(today: number): Promise<void> {
    const { storage } = this.ctx;
    this.#sql.exec("DELETE FROM spend WHERE day < ?", today - KEPT_DAYS);
    if ((await storage.getAlarm()) !== null) return;
    const { day } = Oldest.parse(this.#sql.exec("SELECT min(day) AS day FROM spend").one());
    if (day !== null) await storage.setAlarm((day + KEPT_DAYS + 1) * DAY_MS);
  }
}
