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

/** What is recorded: the action, whose account and which object it concerns, and the actor. */
interface Deed {
  readonly userId: UserId;
  readonly action: AuditAction;
  readonly voucher?: Voucher;
  readonly subject?: string;
}

/**
 * Never throws, because the request has been carried out by then. If D1 does not accept the event, it is logged
 * instead.
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
 * Like {@link audit}, but records the event for the affected users too. They see who did it, but not from which
 * address.
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
