/** How every route is declared: with who may call it, or it does not compile. */
import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { assertPermitted } from "../auth/permission.ts";
import { permits, type Scope } from "../protocol/scopes.ts";
import { principalOf } from "./authenticate.ts";
import { once } from "./idempotency.ts";
import { notFound } from "./problems.ts";
import type { SignedInEnv } from "./router.ts";

/** Who may call a route: for the router, and for who reads the document. */
interface Access {
  readonly "x-permission": Scope | "anybody";
}

/** The ways to be signed in, as the document names them: each will do by itself. */
interface Secured {
  readonly security: Record<string, string[]>[];
}

/** @returns the route. Only what {@link requires}, {@link opens} or {@link ANYBODY} gives makes one. */
export function defineRoute<
  Path extends string,
  const Route extends RouteConfig & { path: Path } & Access,
>(route: Route) {
  return createRoute<Path, Route>(route);
}

/** Spread into a route that anybody may call: signing in, health, what is public. */
export const ANYBODY: Access & Secured = { "x-permission": "anybody", security: [] };

/** Spread into a route for signed-in users whose scopes permit it: `c.var.principal` is there. */
export function requires(permission: Scope) {
  const middleware = createMiddleware<SignedInEnv>(async (c, next) => {
    const principal = await principalOf(c);
    // Nobody is told what operators have.
    if (permission === "operator" && !permits(principal.scopes, permission)) throw notFound();
    assertPermitted(principal.scopes, permission);
    c.set("principal", principal);
    return await once(c, next);
  });
  return { ...opens(permission), middleware };
}

/** Spread into a route that opens a socket: it authenticates the upgrade itself, then asks for this. */
export function opens(permission: Scope): Access & Secured {
  return { "x-permission": permission, security: [{ bearer: [] }, { cookie: [] }] };
}
