/** Whether a user's account is still there: tokens outlive it by minutes. */
import { accountObjectName } from "../durable/names.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UserId } from "../protocol/ids.ts";
import { askObject } from "./ask-object.ts";

/** @throws {ApexError} `session_ended` where the account was deleted, `unavailable` where nobody can say. */
export async function assertOpenAccount(env: Cloudflare.Env, userId: UserId): Promise<void> {
  const account = () => env.ACCOUNTS.getByName(accountObjectName(userId));
  if (await askObject("account", account, (object) => object.isClosed())) {
    throw new ApexError("session_ended", "The account was deleted.");
  }
}
