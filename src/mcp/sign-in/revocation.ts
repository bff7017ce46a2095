/** The end of what tokens allow at their server, as far as that can be had. */
import type { Log } from "../../core/log.ts";
import type { McpServerId } from "../../protocol/ids.ts";
import { revoke, type SignedIn } from "./grants.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";

/** Revokes tokens that nobody here has any more. Never rejects: where it fails, they run out by themselves. */
export async function revokeForgotten(
  id: McpServerId,
  kept: SignedIn,
  { fetch, log }: { readonly fetch: GuardedFetch; readonly log: Log },
): Promise<void> {
  try {
    await revoke(kept, fetch);
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown";
    log.warn("mcp.not_revoked", { server_id: id, reason });
  }
}
