/** Publishes reports to webhooks. The user's Account object delivers them, as it retries for hours where it must. */
import type { AccountRpc } from "../account/rpc.ts";
import { succeeded } from "../core/outcome.ts";
import { accountObjectName } from "../durable/names.ts";
import { reach } from "../durable/reach.ts";
import { ApexError } from "../protocol/errors.ts";
import type { Database } from "../store/database.ts";
import { WebhookRows } from "../store/webhooks.ts";
import type { Publisher } from "../tools/publish-report.ts";

/** How long the Account object may take to accept a delivery, in milliseconds. */
const DEADLINE_MS = 15_000;

/** @returns the publisher. Its calls throw {@link ApexError} `unavailable` if D1 or the object is unreachable. */
export function publisherOf(env: Cloudflare.Env, database: Database): Publisher {
  return {
    webhooks: (userId, workspaceId) => new WebhookRows(database, userId).ofWorkspace(workspaceId),
    async deliver(userId, delivery, trace) {
      const account = (): Pick<AccountRpc, "deliver"> =>
        env.ACCOUNTS.getByName(accountObjectName(userId));
      return succeeded(
        await reach(account, (object) => object.deliver(delivery, trace), DEADLINE_MS),
      );
    },
  };
}
