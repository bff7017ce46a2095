/** The grant: what the Worker lets a socket or a message do, as objects keep it after the request is gone. */
import * as z from "zod";
import type { Principal } from "../auth/principal.ts";
import { OrganizationId } from "../protocol/ids.ts";
import { Tier } from "../protocol/tiers.ts";

export const Grant = z.object({
  /** What may be done, as it stood when the credential was checked. */
  scopes: z.array(z.string()).readonly(),
  tier: Tier,
  /** The team, whose budget is spent; null for who works alone. */
  organizationId: OrganizationId.nullable(),
  /** The session or key that vouched: what it opened ends with it. */
  voucherId: z.string(),
});
export type Grant = z.infer<typeof Grant>;

/** @returns what objects are to know of a principal, beside the user whose they are. */
export function grantOf({ scopes, tier, organizationId, voucher }: Principal): Grant {
  return { scopes, tier, organizationId, voucherId: voucher.id };
}
