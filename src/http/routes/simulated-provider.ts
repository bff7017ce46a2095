/** The simulated provider's addresses: there in development, with a key in staging, never in production. */
import type { Context } from "hono";
import { html } from "hono/html";
import { readForm, SIMULATED_PATH, type SimulatedProvider } from "../../auth/oauth/simulation.ts";
import { ANYBODY, defineRoute } from "../define-route.ts";
import { simulatedProviderOf } from "../identity-providers.ts";
import { notFound } from "../problems.ts";
import { limitSignIns } from "../rate-limits.ts";
import { type AppEnv, createRouter } from "../router.ts";

/** No part of the API, so the document does not tell of it. */
const unlisted = { ...ANYBODY, hide: true, middleware: limitSignIns };
const responses = { 200: { description: "As OpenID Connect says" } };

const programs = [
  { method: "get", path: `${SIMULATED_PATH}/.well-known/openid-configuration` },
  { method: "get", path: `${SIMULATED_PATH}/jwks` },
  { method: "post", path: `${SIMULATED_PATH}/token` },
] as const;

const ask = defineRoute({
  method: "get",
  path: `${SIMULATED_PATH}/authorize`,
  ...unlisted,
  responses,
});

const decide = defineRoute({
  method: "post",
  path: `${SIMULATED_PATH}/authorize`,
  ...unlisted,
  responses: { 303: { description: "Back to where the browser came from" } },
});

/** @returns the routes below /simulated-provider, each 404 where there must be no such provider. */
export function simulatedProviderRoutes() {
  const router = createRouter();
  for (const address of programs) {
    router.openapi(defineRoute({ ...address, ...unlisted, responses }), (c) =>
      simulatedProvider(c).answer(c.req.raw),
    );
  }
  router.openapi(ask, (c) => {
    const provider = simulatedProvider(c);
    const request = provider.readRequest(c.req.query());
    return c.html(authorizePage(request, provider.asksForKey));
  });
  router.openapi(decide, async (c) => {
    const form = Object.fromEntries(readForm(await c.req.arrayBuffer()));
    return c.redirect((await simulatedProvider(c).authorize(form)).href, 303);
  });
  return router;
}

/** @throws {ApexError} `not_found`. */
function simulatedProvider(c: Context<AppEnv>): SimulatedProvider {
  const provider = simulatedProviderOf(c);
  if (provider) return provider;
  throw notFound();
}

/** A plain form without script or style; all that it shows of the request is escaped. */
function authorizePage(request: Readonly<Record<string, string>>, asksForKey: boolean) {
  const carried = Object.entries(request).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const key = html`<p>
    <label>Simulation key <input type="password" name="key" autocomplete="off" required /></label>
  </p>`;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Simulated provider</title>
  </head>
  <body>
    <main>
      <h1>Simulated provider</h1>
      <p>It stands in for a real identity provider, and believes whatever you say.</p>
      <form method="post">
        ${carried}
        <p><label>Email <input type="email" name="email" required autofocus /></label></p>
        <p><label>Name <input name="name" maxlength="128" /></label></p>
        ${asksForKey ? key : ""}
        <p>
          <button name="decision" value="allow">Sign in</button>
          <button name="decision" value="deny" formnovalidate>Deny</button>
        </p>
      </form>
    </main>
  </body>
</html>`;
}
