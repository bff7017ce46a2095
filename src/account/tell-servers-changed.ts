/** Tells a user's Account object that their MCP servers changed, so that threads read the list of tools again. */
import type { Log } from "../core/log.ts";
import { accountObjectName } from "../durable/names.ts";
import { reach } from "../durable/reach.ts";
import type { UserId } from "../protocol/ids.ts";
import type { AccountRpc } from "./rpc.ts";

/** How long a request that changed a server waits for this, in milliseconds. */
const DEADLINE_MS = 500;

/** Never throws: a thread that was not told reads the list again a little later. */
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
