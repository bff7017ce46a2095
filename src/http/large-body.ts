/** For routes that accept larger JSON bodies than others, and files as well. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { ApexError } from "../protocol/errors.ts";
import { bodyWithin } from "./body.ts";
import type { requires } from "./define-route.ts";
import type { SignedInEnv } from "./router.ts";

/**
 * Spread into a route in place of `requires`. After authentication the body is read completely, within a limit,
 * unless the route reads it itself.
 * @param isFile whether the route reads this body itself.
 * @param most the limit in bytes.
 */
export function jsonBodyOr(
  isFile: (c: Pick<Context, "req">) => boolean,
  most: number,
  { middleware: signedIn, ...access }: ReturnType<typeof requires>,
) {
  const whole = bodyWithin(most);
  const middleware = createMiddleware<SignedInEnv>((c, next) =>
    signedIn(c, async () => {
      if (isFile(c)) return await next();
      const type = c.req.header("content-type") ?? "";
      if (!/^application\/([a-z.-]+\+)?json\s*(;|$)/i.test(type)) {
        throw new ApexError("unsupported_media_type", "Send the body as application/json.");
      }
      await whole(c, async () => {
        // A body that holds nothing is left out with its type: there is nothing to validate.
        if (!c.req.header("content-type")) {
          throw new ApexError("malformed_body", "Send a body: it holds nothing.");
        }
        await next();
      });
    }),
  );
  return { ...access, middleware };
}
