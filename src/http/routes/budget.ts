/** The routes of the user's monthly budget, and of the ledger of what their runs cost. */
import type { AccountRpc } from "../../account/rpc.ts";
import { succeeded } from "../../core/outcome.ts";
import { accountObjectName } from "../../durable/names.ts";
import { Budget, Ledger, LedgerQuery, SetBudgetBody } from "../../protocol/budget.ts";
import { askObject } from "../ask-object.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const tags = ["Account"];
const REFUSED = {
  ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended"),
  ...problems("forbidden", "unavailable"),
};

const read = defineRoute({
  method: "get",
  path: "/api/account/budget",
  tags,
  ...requires("usage:read"),
  summary: "How one's budget of the month stands",
  responses: { 200: jsonAnswer(Budget, "The budget, and what is left of it"), ...REFUSED },
});

const set = defineRoute({
  method: "put",
  path: "/api/account/budget",
  tags,
  ...requires("account:write"),
  summary: "Set one's budget of a month",
  description:
    "In US dollars, by UTC months. A run may use what is left when its message is taken, less what runs that are not over are expected to cost (the average of the month): past that it is stopped in mid-stream, keeps what was written, and ends as failed with `budget_exceeded`. Once nothing is left, messages are refused with 402 `budget_exceeded`. Models without a known price cost nothing here. Webhooks hear of it at 80 % and 100 % (`budget.alert`).",
  request: { body: jsonBody(SetBudgetBody) },
  responses: {
    200: jsonAnswer(Budget, "The budget as it stands now"),
    ...REFUSED,
    ...problems("malformed_body", "unsupported_media_type", "invalid_fields"),
  },
});

const ledger = defineRoute({
  method: "get",
  path: "/api/account/ledger",
  tags,
  ...requires("usage:read"),
  summary: "What each of one's runs used, and what that comes to",
  description:
    "An entry for every run that has ended, completed, failed and cancelled ones alike, with the usage that its `agent_completed` told; `estimated` where a turn broke off and was sized from its text. What summing up a long thread used after a run is an entry of its own, marked `summary`. It outlives the threads. The sums, by day (UTC) and in all, are those of all entries.",
  request: { query: LedgerQuery },
  responses: {
    200: jsonAnswer(Ledger, "The entries, the newest first, and their sums"),
    ...REFUSED,
    ...problems("invalid_fields"),
  },
});

/** @returns the routes of budget and ledger. */
export function budgetRoutes() {
  const router = createRouter();
  router.openapi(read, async (c) => {
    const account = () => c.env.ACCOUNTS.getByName(accountObjectName(c.var.principal.userId));
    return c.json(await askObject("account", account, (it) => it.budget()), 200);
  });
  router.openapi(set, async (c) => {
    const { monthly_usd } = c.req.valid("json");
    const account = () => c.env.ACCOUNTS.getByName(accountObjectName(c.var.principal.userId));
    const budget = await askObject("account", account, (it) => it.setBudget(monthly_usd));
    const { userId, voucher } = c.var.principal;
    const subject = monthly_usd === null ? "none" : String(monthly_usd);
    await audit(c, { userId, voucher, action: "budget_changed", subject });
    return c.json(budget, 200);
  });
  router.openapi(ledger, async (c) => {
    const query = c.req.valid("query");
    const account = (): Pick<AccountRpc, "ledger"> =>
      c.env.ACCOUNTS.getByName(accountObjectName(c.var.principal.userId));
    return c.json(succeeded(await askObject("account", account, (it) => it.ledger(query))), 200);
  });
  return router;
}
