/** The route to a new password. */
import { ChangePasswordBody } from "../../protocol/account.ts";
import { ApexError } from "../../protocol/errors.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonBody } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";
import { authServiceOf } from "../sign-in.ts";
import { tellEnded } from "./sessions.ts";

const change = defineRoute({
  method: "post",
  path: "/api/account/password",
  tags: ["Account"],
  ...requires("account:write"),
  summary: "Change the password",
  description:
    "Ends all sessions but the one that asks. Wrong passwords slow the next attempts down.",
  request: { body: jsonBody(ChangePasswordBody) },
  responses: {
    204: { description: "The new password is the one that counts" },
    ...problems(
      "unauthenticated",
      "token_invalid",
      "token_expired",
      "credentials_invalid",
      "session_ended",
      "forbidden",
      "csrf_invalid",
      "malformed_body",
      "unsupported_media_type",
      "invalid_fields",
    ),
  },
});

/** @returns the route at /api/account/password. */
export function passwordRoutes() {
  const router = createRouter();
  router.openapi(change, async (c) => {
    const { userId, voucher } = c.var.principal;
    const changed = await authServiceOf(c).changePassword(c.var.principal, c.req.valid("json"));
    if (changed.outcome === "refused") {
      await audit(c, { userId, action: "sign_in_failed", voucher });
      throw new ApexError("credentials_invalid", "The current password is another one.");
    }
    await audit(c, { userId, action: "password_changed", voucher });
    await tellEnded(c, changed.ended);
    return c.body(null, 204);
  });
  return router;
}
