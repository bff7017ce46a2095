/** The identity providers in a deployment's settings. */
import type { Clock } from "../../core/clock.ts";
import { boundedFetch, type Fetch } from "./bounded-fetch.ts";
import { GitHubProvider } from "./github-provider.ts";
import { OpenIdProvider, type OpenIdSettings } from "./open-id-provider.ts";
import type { Provider } from "./provider.ts";

interface ProviderSettings {
  readonly github: {
    readonly clientId?: string | undefined;
    readonly clientSecret?: string | undefined;
    readonly url: string;
    readonly apiUrl: string;
  };
  readonly openIdProviders: readonly OpenIdSettings[];
}

/** @returns the configured providers. Keep them, because they cache what they learn about their servers. */
export function configuredProviders(
  { github, openIdProviders }: ProviderSettings,
  fetch: Fetch,
  clock: Clock,
): readonly Provider[] {
  const bounded = boundedFetch(fetch);
  const { clientId, clientSecret, ...urls } = github;
  return [
    ...(clientId !== undefined && clientSecret !== undefined
      ? [new GitHubProvider({ clientId, clientSecret, ...urls }, bounded)]
      : []),
    ...openIdProviders.map((settings) => new OpenIdProvider(settings, bounded, clock)),
  ];
}
