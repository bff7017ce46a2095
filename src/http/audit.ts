/** Records in the audit log what a request did: by whom, and from where. */
import type { Voucher } from "../auth/principal.ts";
import { newId, systemClock, timestamp } from "../core/clock.ts";
import type { AuditAction, AuditEvent } from "../protocol/account.ts";
import type { UserId } from "../protocol/ids.ts";
import { AuditLog } from "../store/audit-log.ts";
import { openDatabase } from "../store/database.ts";
import { consoleLog } from "../telemetry/log.ts";
import { addressOf, userAgentOf } from "./origin.ts";
import type { RequestContext } from "./router.ts";

/** What was done, to whose account, by what, and to which thing. */
export interface Deed {
  readonly userId: UserId;
  readonly action: AuditAction;
  readonly voucher?: Voucher;
  readonly subject?: string;
}

/**
 * Never fails the request it is about, which is done by then: where D1 does not take the event, the
 * Worker's own log has it.
 */
export async function audit(c: RequestContext, deed: Deed): Promise<void> {
  const { voucher } = deed;
  await record(c, deed, {
    by: voucher === undefined ? null : `${voucher.kind}:${voucher.id}`,
    address: addressOf(c.req.raw),
    user_agent: userAgentOf(c.req.raw),
  });
}

/**
 * As {@link audit}, in the logs of the users as well to whom it was done: they are told who did it, and
 * not from where.
 */
export async function auditAll(
  c: RequestContext,
  deed: Deed,
  others: readonly UserId[],
): Promise<void> {
  await audit(c, deed);
  const from = { by: `user:${deed.userId}`, address: null, user_agent: null };
  for (const userId of others) {
    if (userId !== deed.userId) await record(c, { ...deed, userId }, from);
  }
}

async function record(
  c: RequestContext,
  { userId, action, subject }: Deed,
  from: Pick<AuditEvent, "by" | "address" | "user_agent">,
): Promise<void> {
  const event = {
    id: newId(),
    action,
    at: timestamp(systemClock.now()),
    subject: subject ?? null,
    ...from,
  };
  try {
    await new AuditLog(openDatabase(c.env.DB), userId).record(event);
  } catch (error) {
    consoleLog.error("audit.lost", error, { user_id: userId, action });
  }
}
