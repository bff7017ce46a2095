/** Records in the audit log what a request did: by whom, and from where. */
import type { Voucher } from "../auth/principal.ts";
import { newId, systemClock, timestamp } from "../core/clock.ts";
import { consoleLog } from "../core/log.ts";
import type { AuditAction } from "../protocol/account.ts";
import type { UserId } from "../protocol/ids.ts";
import { AuditLog } from "../store/audit-log.ts";
import { openDatabase } from "../store/database.ts";
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
  const { userId, action, voucher, subject } = deed;
  const event = {
    id: newId(),
    action,
    at: timestamp(systemClock.now()),
    by: voucher === undefined ? null : `${voucher.kind}:${voucher.id}`,
    address: addressOf(c.req.raw),
    user_agent: userAgentOf(c.req.raw),
    subject: subject ?? null,
  };
  try {
    await new AuditLog(openDatabase(c.env.DB), userId).record(event);
  } catch (error) {
    const { requestId: request_id } = c.var;
    consoleLog.error("audit.lost", error, { request_id, user_id: userId, action });
  }
}
