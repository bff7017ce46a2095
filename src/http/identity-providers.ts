/** The identity providers to sign in with: those that are configured, and in development a simulated one. */
import { boundedFetch } from "../auth/oauth/bounded-fetch.ts";
import { OpenIdProvider } from "../auth/oauth/open-id-provider.ts";
import type { Provider } from "../auth/oauth/provider.ts";
import { configuredProviders } from "../auth/oauth/providers.ts";
import { SIMULATED, SimulatedProvider } from "../auth/oauth/simulation.ts";
import { systemClock } from "../core/clock.ts";
import type { Config } from "../env.ts";
import { openDatabase } from "../store/database.ts";
import { SpentTokens } from "../store/spent-tokens.ts";
import { authorityOf } from "./authenticate.ts";
import { notFound } from "./problems.ts";
import type { RequestContext } from "./router.ts";

/** One list per isolate, which caches the metadata and keys of the providers. */
const configured = new WeakMap<Config, readonly Provider[]>();

/** @returns the path where browsers start to sign in with a provider. */
export function startPath(provider: string): string {
  return `/api/auth/oauth/${provider}/start`;
}

/** @returns the address that a provider redirects browsers back to, on the host that they used. */
export function callbackUrl(c: RequestContext, provider: string): string {
  return `${originOf(c)}/api/auth/oauth/${provider}/callback`;
}

export function providersOf(c: RequestContext): readonly Provider[] {
  const { config } = c.var;
  const lasting =
    configured.get(config) ?? configuredProviders(config, (request) => fetch(request), systemClock);
  configured.set(config, lasting);
  const simulated = simulatedProviderOf(c);
  if (simulated === null) return lasting;
  // A Worker cannot fetch its own address, so the simulated provider is called directly.
  const reach = boundedFetch((request) => simulated.answer(request));
  return [...lasting, new OpenIdProvider(simulated.settings, reach, systemClock)];
}

/** @throws {ApexError} `not_found` if there is no such provider. */
export function providerOf(c: RequestContext, name: string): Provider {
  const provider = providersOf(c).find((each) => each.name === name);
  if (provider) return provider;
  throw notFound();
}

/** @returns the simulated provider, or null if this deployment may not have one. */
export function simulatedProviderOf(c: RequestContext): SimulatedProvider | null {
  const { simulation } = c.var.config;
  if (simulation === null) return null;
  const authority = authorityOf(c);
  const parts = {
    origin: originOf(c),
    key: simulation.key,
    secret: authority.keys.signing.secret,
    authority,
    spentTokens: new SpentTokens(openDatabase(c.env.DB)),
  };
  return new SimulatedProvider(parts, callbackUrl(c, SIMULATED));
}

function originOf(c: RequestContext): string {
  return new URL(c.req.raw.url).origin;
}
