/** The route of the user's limits: what the tier allows, how much is used, and when it resets. */

import type { AccountRpc } from "../../account/rpc.ts";
import { succeeded } from "../../core/outcome.ts";
import { grantOf } from "../../durable/grant.ts";
import { accountObjectName } from "../../durable/names.ts";
import { AccountLimits } from "../../protocol/account.ts";
import { askObject } from "../ask-object.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const limits = defineRoute({
  method: "get",
  path: "/api/account/limits",
  tags: ["Account"],
  ...requires("usage:read"),
  summary: "How one's limits stand",
  description:
    "Requests and messages a minute, runs and connections at once, tokens and US dollars a day (UTC). What runs under way are expected to use counts as used. A team's tokens and dollars are those of all its members.",
  responses: {
    200: jsonAnswer(AccountLimits, "Every limit, with what is used and when it is whole again"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
    ...problems("forbidden", "quota_exceeded", "unavailable"),
  },
});

/** @returns the route that reports a user's limits. */
export function limitRoutes() {
  const router = createRouter();
  router.openapi(limits, async (c) => {
    const { principal } = c.var;
    const account = (): Pick<AccountRpc, "limits"> =>
      c.env.ACCOUNTS.getByName(accountObjectName(principal.userId));
    const caller = grantOf(principal);
    const outcome = await askObject("account", account, (it) => it.limits(caller));
    return c.json(succeeded(outcome), 200);
  });
  return router;
}
