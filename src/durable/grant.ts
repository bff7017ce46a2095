/** What the sender of a message or the owner of a socket may do. The Worker determines it; objects keep it. */
import * as z from "zod";
import type { Principal } from "../auth/principal.ts";
import { OrganizationId } from "../protocol/ids.ts";
import { Tier } from "../protocol/tiers.ts";

export const Grant = z.object({
  /** The permissions, as they were when the credential was checked. */
  scopes: z.array(z.string()).readonly(),
  tier: Tier,
  /** The team whose budget is spent; null for a user without a team. */
  organizationId: OrganizationId.nullable(),
  /** The session or API key that was used. When that ends, so does everything opened with it. */
  voucherId: z.string(),
});
export type Grant = z.infer<typeof Grant>;

/** @returns what objects need to know of an authenticated principal, apart from its user id. */
export function grantOf({ scopes, tier, organizationId, voucher }: Principal): Grant {
  return { scopes, tier, organizationId, voucherId: voucher.id };
}
