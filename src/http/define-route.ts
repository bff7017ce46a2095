/** The way every route is declared. A route that does not say who may call it does not compile. */
import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { assertPermitted } from "../auth/permission.ts";
import { permits, type Scope } from "../protocol/scopes.ts";
import { principalOf } from "./authenticate.ts";
import { once } from "./idempotency.ts";
import { notFound } from "./problems.ts";
import type { SignedInEnv } from "./router.ts";

/** Who may call a route. Used by the router and shown in the OpenAPI document. */
interface Access {
  readonly "x-permission": Scope | "anybody";
}

/** The security schemes of the OpenAPI document; each is enough by itself. */
interface Secured {
  readonly security: Record<string, string[]>[];
}

/** @returns the route. It accepts only what {@link requires}, {@link opens} or {@link ANYBODY} returns. */
export function defineRoute<
  Path extends string,
  const Route extends RouteConfig & { path: Path } & Access,
>(route: Route) {
  return createRoute<Path, Route>(route);
}

/** Spread into a route that needs no sign-in: signing in itself, health, public data. */
export const ANYBODY: Access & Secured = { "x-permission": "anybody", security: [] };

/** Spread into a route for signed-in users with this permission. The handler finds them in `c.var.principal`. */
export function requires(permission: Scope) {
  const middleware = createMiddleware<SignedInEnv>(async (c, next) => {
    const principal = await principalOf(c);
    // Others are not told that operators' routes exist.
    if (permission === "operator" && !permits(principal.scopes, permission)) throw notFound();
    assertPermitted(principal.scopes, permission);
    c.set("principal", principal);
    return await once(c, next);
  });
  return { ...opens(permission), middleware };
}

/** Spread into a route that opens a socket. It authenticates the upgrade itself, and then checks this permission. */
export function opens(permission: Scope): Access & Secured {
  return { "x-permission": permission, security: [{ bearer: [] }, { cookie: [] }] };
}
