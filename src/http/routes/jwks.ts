/** The public keys, for whoever checks our tokens without asking us. */
import { publicKeys } from "../../auth/signing-keys.ts";
import { JsonWebKeySet } from "../../protocol/json-web-keys.ts";
import { ANYBODY, defineRoute } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { limitAnonymous } from "../rate-limits.ts";
import { createRouter } from "../router.ts";

/** How long the keys may be kept: a new key must be known for so long before it signs. */
const MAX_AGE_SECONDS = 300;

const jwks = defineRoute({
  method: "get",
  path: "/.well-known/jwks.json",
  tags: ["Authentication"],
  ...ANYBODY,
  summary: "The keys that access tokens are signed with",
  description: "Their public halves alone; none where a shared secret signs.",
  middleware: limitAnonymous,
  responses: { 200: jsonAnswer(JsonWebKeySet, "A JWK Set (RFC 7517)"), ...problems() },
});

/** @returns the route at /.well-known/jwks.json. */
export function jwksRoutes() {
  const router = createRouter();
  router.openapi(jwks, (c) => {
    c.header("Cache-Control", `public, max-age=${MAX_AGE_SECONDS}`);
    return c.json(publicKeys(c.var.config), 200);
  });
  return router;
}
