/** Closes everything that ended sessions and API keys have opened. */
import { accountObjectName } from "../durable/names.ts";
import type { UserId } from "../protocol/ids.ts";
import { askObject } from "./ask-object.ts";

/**
 * Call it after the store has recorded the end, so that nothing is admitted in between.
 * @param ids of the sessions and API keys.
 * @throws {ApexError} `unavailable` if the Account object fails; then access ends when the token expires.
 */
export async function endVouchers(
  env: Cloudflare.Env,
  userId: UserId,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const account = () => env.ACCOUNTS.getByName(accountObjectName(userId));
  await askObject("account", account, (object) => object.endVouchers(ids));
}
