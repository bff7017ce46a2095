/** Ends what sessions and API keys opened, at once and everywhere. */
import { accountObjectName } from "../durable/names.ts";
import type { UserId } from "../protocol/ids.ts";
import { askObject } from "./ask-object.ts";

/**
 * Call it once the store knows that they have ended: what is admitted until then closes here.
 * @param ids of the sessions and API keys.
 * @throws {ApexError} `unavailable` where the account's object fails; then access ends with the token.
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
