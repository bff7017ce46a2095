/** Webhooks in D1, and what is sent to them: an outbox whose rows stay as a record for a while. */
import { and, asc, desc, eq, gt, isNotNull, lt, lte, min, sql } from "drizzle-orm";
import * as z from "zod";
import type { UserId, WebhookId, WorkspaceId } from "../protocol/ids.ts";
import { Webhook, WebhookDelivery } from "../protocol/webhooks.ts";
import { type Database, guardD1 } from "./database.ts";
import { users, webhookDeliveries, webhooks } from "./tables.ts";

/** Webhooks of one user. */
export const MAX_WEBHOOKS = 10;
/** Deliveries that a list shows. */
const MAX_LISTED = 100;

/** What is to be sent to a webhook. */
export type NewDelivery = Pick<WebhookDelivery, "id" | "webhook_id" | "type" | "created_at"> & {
  readonly payload: string;
};

const Due = z.object({
  id: z.string(),
  payload: z.string(),
  attempts: z.number(),
  url: z.string(),
  secret: z.string(),
});
export type DueDelivery = z.infer<typeof Due>;

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class WebhookRows {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @returns false where the user has {@link MAX_WEBHOOKS}; of several at once none gets past it. */
  async create(webhook: Webhook, secret: string, workspaceId: WorkspaceId): Promise<boolean> {
    const own = this.#db
      .select({ count: sql<number>`count(*)` })
      .from(webhooks)
      .where(this.#isOwn());
    const row = this.#db
      .select({
        id: sql`${webhook.id}`.as("id"),
        user_id: users.id,
        workspace_id: sql`${workspaceId}`.as("workspace_id"),
        url: sql`${webhook.url}`.as("url"),
        secret: sql`${secret}`.as("secret"),
        created_at: sql`${webhook.created_at}`.as("created_at"),
        events: sql`${JSON.stringify(webhook.events)}`.as("events"),
      })
      .from(users)
      .where(and(eq(users.id, this.#userId), lt(sql`(${own})`, MAX_WEBHOOKS)));
    const made = await guardD1(
      this.#db.insert(webhooks).select(row).returning({ id: webhooks.id }),
    );
    return made.length > 0;
  }

  /** @returns the user's own, the oldest first. */
  async list(): Promise<Webhook[]> {
    const own = this.#db.select().from(webhooks).where(this.#isOwn());
    return z.array(Webhook).parse(await guardD1(own.orderBy(asc(webhooks.id)).limit(MAX_WEBHOOKS)));
  }

  /**
   * @returns those that a workspace's reports are sent to, the oldest first: made for it by somebody
   *   who is in it still.
   */
  async ofWorkspace(workspaceId: WorkspaceId): Promise<Webhook[]> {
    const isIn = eq(sql`coalesce(${users.organization_id}, ${users.id})`, webhooks.workspace_id);
    const rows = await guardD1(
      this.#db
        .select({
          id: webhooks.id,
          url: webhooks.url,
          events: webhooks.events,
          created_at: webhooks.created_at,
        })
        .from(webhooks)
        .innerJoin(users, eq(users.id, webhooks.user_id))
        .where(and(eq(webhooks.workspace_id, workspaceId), isIn))
        .orderBy(asc(webhooks.id)),
    );
    const known = z.array(Webhook).parse(rows);
    return known.filter(({ events }) => events.includes("report.published"));
  }

  /** Deletes a webhook, and with it what is still to be sent there. @returns false where there is none. */
  async delete(id: WebhookId): Promise<boolean> {
    const deleted = await guardD1(
      this.#db
        .delete(webhooks)
        .where(and(this.#isOwn(), eq(webhooks.id, id)))
        .returning({ id: webhooks.id }),
    );
    return deleted.length > 0;
  }

  /** @returns what was sent to a webhook of the user's, the newest first; null where there is none. */
  async deliveries(id: WebhookId): Promise<WebhookDelivery[] | null> {
    const [own, sent] = await guardD1(
      this.#db.batch([
        this.#db
          .select({ id: webhooks.id })
          .from(webhooks)
          .where(and(this.#isOwn(), eq(webhooks.id, id))),
        this.#db
          .select()
          .from(webhookDeliveries)
          .where(eq(webhookDeliveries.webhook_id, id))
          .orderBy(desc(webhookDeliveries.created_at))
          .limit(MAX_LISTED),
      ]),
    );
    return own.length === 0 ? null : z.array(WebhookDelivery).parse(sent);
  }

  /**
   * Puts a delivery into the outbox; one that is there already stays as it is.
   * @param now milliseconds since the Unix epoch.
   * @param forgetBefore records made before this moment are swept away, but for what is to be sent.
   */
  async add(delivery: NewDelivery, now: number, forgetBefore: string): Promise<void> {
    const isOver = lt(webhookDeliveries.created_at, forgetBefore);
    await guardD1(
      this.#db.batch([
        this.#db
          .delete(webhookDeliveries)
          .where(and(this.#isSentByUser(), isOver, sql`${webhookDeliveries.next_at} IS NULL`)),
        this.#db
          .insert(webhookDeliveries)
          .values({
            ...delivery,
            user_id: this.#userId,
            status: "pending",
            attempts: 0,
            next_at: now,
            updated_at: delivery.created_at,
          })
          .onConflictDoNothing(),
      ]),
    );
  }

  /** @returns up to so many that are to be tried by now, the longest due first. */
  async due(now: number, limit: number): Promise<DueDelivery[]> {
    const rows = await guardD1(
      this.#db
        .select({
          id: webhookDeliveries.id,
          payload: webhookDeliveries.payload,
          attempts: webhookDeliveries.attempts,
          url: webhooks.url,
          secret: webhooks.secret,
        })
        .from(webhookDeliveries)
        .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhook_id))
        .where(and(this.#isSentByUser(), lte(webhookDeliveries.next_at, now)))
        .orderBy(asc(webhookDeliveries.next_at))
        .limit(limit),
    );
    return z.array(Due).parse(rows);
  }

  /** @returns when the next is to be tried (milliseconds since the Unix epoch), or null. */
  async nextAt(): Promise<number | null> {
    const next = this.#db.select({ at: min(webhookDeliveries.next_at) }).from(webhookDeliveries);
    const row = await guardD1(
      next.where(and(this.#isSentByUser(), isNotNull(webhookDeliveries.next_at))).get(),
    );
    return row?.at ?? null;
  }

  /** Notes what came of a try; what was delivered stays so. */
  async record(
    id: string,
    tried: Pick<
      WebhookDelivery,
      "status" | "attempts" | "last_status" | "last_error" | "updated_at"
    > & {
      readonly next_at: number | null;
    },
  ): Promise<void> {
    await guardD1(
      this.#db
        .update(webhookDeliveries)
        .set(tried)
        .where(
          and(
            this.#isSentByUser(),
            eq(webhookDeliveries.id, id),
            gt(sql`${tried.attempts}`, webhookDeliveries.attempts),
          ),
        ),
    );
  }

  /**
   * Has what is over, delivered or dead, sent once more under the same id; what is on its way goes on.
   * @param now milliseconds since the Unix epoch.
   * @returns false where the user's webhook has no such delivery.
   */
  async replay(webhookId: WebhookId, id: string, now: number): Promise<boolean> {
    const isIt = and(
      this.#isSentByUser(),
      eq(webhookDeliveries.webhook_id, webhookId),
      eq(webhookDeliveries.id, id),
    );
    const [known] = await guardD1(
      this.#db.batch([
        this.#db.select({ id: webhookDeliveries.id }).from(webhookDeliveries).where(isIt),
        this.#db
          .update(webhookDeliveries)
          .set({ status: "pending", attempts: 0, next_at: now })
          .where(and(isIt, sql`${webhookDeliveries.next_at} IS NULL`)),
      ]),
    );
    return known.length > 0;
  }

  /** @returns a delivery of the user's as it stands. */
  async delivery(id: string): Promise<WebhookDelivery | null> {
    const row = await guardD1(
      this.#db
        .select()
        .from(webhookDeliveries)
        .where(and(this.#isSentByUser(), eq(webhookDeliveries.id, id)))
        .get(),
    );
    return row === undefined ? null : WebhookDelivery.parse(row);
  }

  #isOwn() {
    return eq(webhooks.user_id, this.#userId);
  }

  #isSentByUser() {
    return eq(webhookDeliveries.user_id, this.#userId);
  }
}
