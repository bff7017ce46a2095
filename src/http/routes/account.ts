/** The end of an account: everything of its user goes, and is shown to be gone. */
import type { Context } from "hono";
import { hashEmail } from "../../auth/password-check.ts";
import { accountObjectName } from "../../durable/names.ts";
import { DeleteAccountBody, DeletionReceipt } from "../../protocol/account.ts";
import { Email } from "../../protocol/api.ts";
import type { User } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { Accounts } from "../../store/accounts.ts";
import { openDatabase } from "../../store/database.ts";
import { Organizations } from "../../store/organizations.ts";
import { SignInFailures } from "../../store/sign-in-failures.ts";
import { askObject } from "../ask-object.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { forgetTeam } from "../forget-team.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const remove = defineRoute({
  method: "delete",
  path: "/api/account",
  tags: ["Account"],
  ...requires("account:write"),
  summary: "Delete one's account, with everything in it",
  description:
    "Threads, links to them, messages, runs, sessions, API keys, identities and the audit log go, for good; every socket is closed, and no token of the account is taken any more. A team that has no other member goes too.",
  request: { body: jsonBody(DeleteAccountBody) },
  responses: {
    200: jsonAnswer(DeletionReceipt, "Nothing is left"),
    202: jsonAnswer(DeletionReceipt, "It is decided; what is left goes by itself, soon"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "session_ended", "forbidden"),
    ...problems("last_admin", "malformed_body", "unsupported_media_type", "invalid_fields"),
  },
});

/** @returns the route that deletes an account. */
export function accountRoutes() {
  const router = createRouter();
  router.openapi(remove, async (c) => {
    const { userId, voucher } = c.var.principal;
    if (voucher.kind !== "session") {
      throw new ApexError("forbidden", "Sign in to delete the account.");
    }
    const user = await confirmedUser(c, c.req.valid("json").email);
    const database = openDatabase(c.env.DB);
    const teams = new Organizations(database, userId);
    const team = await teams.get();
    if ((await teams.remove(userId)) === "last_admin") {
      const detail = "Make another member of your team an admin first, or remove them all.";
      throw new ApexError("last_admin", detail);
    }
    if (team !== null) forgetTeam(c, team.id);
    await new SignInFailures(database).clear(hashEmail(user.email));
    await audit(c, { userId, action: "account_deleted", voucher });
    const account = () => c.env.ACCOUNTS.getByName(accountObjectName(userId));
    const receipt = await askObject("account", account, (object) => object.close());
    return receipt.complete ? c.json(receipt, 200) : c.json(receipt, 202);
  });
  return router;
}

/**
 * @returns the signed-in user.
 * @throws {ApexError} `invalid_fields` if the email address is not theirs.
 */
async function confirmedUser(c: Context<SignedInEnv>, email: string): Promise<User> {
  const user = await new Accounts(openDatabase(c.env.DB)).findById(c.var.principal.userId);
  if (user === null) throw new ApexError("session_ended", "The account no longer exists.");
  if (Email.safeParse(email).data === user.email) return user;
  const message = "must be the email address of the account";
  throw new ApexError("invalid_fields", `In the body: email: ${message}`, {
    errors: [{ field: "email", message, code: "mismatch" }],
  });
}
