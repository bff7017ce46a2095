/** Tells a user's object that their MCP servers are not what they were, so that threads look at them again. */
import type { Log } from "../core/log.ts";
import { accountObjectName } from "../durable/names.ts";
import { reach } from "../durable/reach.ts";
import type { UserId } from "../protocol/ids.ts";
import type { AccountRpc } from "./rpc.ts";

/** How long whoever changed something waits for it to be known, in milliseconds. */
const DEADLINE_MS = 500;

/** Never throws: a thread that did not hear of it looks again by itself, a little later. */
export async function tellServersChanged(
  { ACCOUNTS }: Pick<Cloudflare.Env, "ACCOUNTS">,
  userId: UserId,
  log: Log,
): Promise<void> {
  const account = (): AccountRpc => ACCOUNTS.getByName(accountObjectName(userId));
  await reach(account, (it) => it.serversChanged(), DEADLINE_MS).catch((error: unknown) =>
    log.error("mcp.change_untold", error),
  );
}
