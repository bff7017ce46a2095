/** Sign-in with any OpenID provider, such as Google, Auth0, Okta, Entra or Keycloak. */
import {
  type AuthorizationServer,
  ClientSecretBasic,
  ClientSecretPost,
  discoveryRequest,
  getValidatedIdTokenClaims,
  type JWKSCacheInput,
  jwksCache,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  processUserInfoResponse,
  userInfoRequest,
  validateApplicationLevelSignature,
} from "oauth4webapi";
import * as z from "zod";
import type { Clock } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import { VouchedClaims, type VouchedIdentity, vouchedBy } from "../vouched-users.ts";
import type { BoundedFetch } from "./bounded-fetch.ts";
import { authorizationUrl, type Grant, reaching, redeemCode } from "./code-grant.ts";
import type { Provider } from "./provider.ts";
import type { Challenge } from "./sign-in-attempt.ts";

/** A setting of `OIDC_PROVIDERS`. */
export interface OpenIdSettings {
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope: string;
}

/** The only signature algorithms that are accepted, whatever the provider's metadata says: no HMAC, no `none`. */
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];
/** How long a provider's metadata is used, in milliseconds. */
const METADATA_LIFETIME_MS = 10 * 60 * 1000;
/**
 * The most age of an ID token, which comes straight from the token endpoint, and the tolerance for clocks, in
 * seconds.
 */
const MAX_AGE = { past: 10 * 60, future: 60 };

/** Follows OpenID Connect Core 1.0, section 3.1 (authorization code flow). */
export class OpenIdProvider implements Provider {
  readonly name: string;
  readonly title: string;
  readonly #settings: OpenIdSettings;
  readonly #fetch: BoundedFetch;
  readonly #clock: Clock;
  readonly #keys: JWKSCacheInput = {};
  #known: { readonly server: AuthorizationServer; readonly until: number } | null = null;

  constructor(settings: OpenIdSettings, fetch: BoundedFetch, clock: Clock) {
    this.name = settings.name;
    this.title = settings.title;
    this.#settings = settings;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  async authorizationUrl(challenge: Challenge, redirectUri: string): Promise<URL> {
    const { scope } = this.#settings;
    const { nonce } = challenge;
    return await authorizationUrl(await this.#grant(), challenge, { redirectUri, scope, nonce });
  }

  async identify(
    answer: URLSearchParams,
    challenge: Challenge,
    redirectUri: string,
  ): Promise<VouchedIdentity> {
    const grant = await this.#grant();
    const { server, client } = grant;
    const response = await redeemCode(grant, answer, challenge, redirectUri);
    const tokens = await processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: challenge.nonce,
      requireIdToken: true,
    });
    await validateApplicationLevelSignature(server, response, {
      ...reaching(server.issuer, this.#fetch),
      [jwksCache]: this.#keys,
    });
    const claims = getValidatedIdTokenClaims(tokens);
    const { iat } = z.object({ iat: z.number() }).parse(claims);
    this.#assertFresh(iat);
    const told = VouchedClaims.parse(claims);
    if (told.email !== undefined || server.userinfo_endpoint === undefined) {
      return vouchedBy(server.issuer, told);
    }
    // Some providers give the email address only at the UserInfo endpoint (OpenID Connect Core, section 5.4).
    const options = reaching(server.issuer, this.#fetch);
    const userInfo = await userInfoRequest(server, client, tokens.access_token, options);
    const more = await processUserInfoResponse(server, client, told.sub, userInfo);
    return vouchedBy(server.issuer, VouchedClaims.parse(more));
  }

  #assertFresh(issuedAt: number): void {
    const age = this.#clock.now() / 1000 - issuedAt;
    if (age <= MAX_AGE.past && age >= -MAX_AGE.future) return;
    throw new ApexError(
      "sign_in_failed",
      "The provider's answer is not of now. Please start again.",
    );
  }

  async #grant(): Promise<Grant> {
    const { client_id, client_secret } = this.#settings;
    const server = await this.#server();
    const takesPost = server.token_endpoint_auth_methods_supported?.includes("client_secret_post");
    const clientAuth = takesPost
      ? ClientSecretPost(client_secret)
      : ClientSecretBasic(client_secret);
    return { server, client: { client_id }, clientAuth, fetch: this.#fetch };
  }

  /** @throws {ApexError} `provider_unavailable`, also if its metadata is invalid. */
  async #server(): Promise<AuthorizationServer> {
    if (this.#known && this.#known.until > this.#clock.now()) return this.#known.server;
    const issuer = new URL(this.#settings.issuer);
    try {
      const options = reaching(this.#settings.issuer, this.#fetch);
      const response = await discoveryRequest(issuer, options);
      const server = believed(await processDiscoveryResponse(issuer, response));
      this.#known = { server, until: this.#clock.now() + METADATA_LIFETIME_MS };
      return server;
    } catch (cause) {
      if (cause instanceof ApexError) throw cause;
      throw new ApexError("provider_unavailable", "The identity provider tells nothing usable.", {
        cause,
      });
    }
  }
}

function believed(server: AuthorizationServer): AuthorizationServer {
  const told = server.id_token_signing_alg_values_supported ?? ["RS256"];
  return {
    ...server,
    id_token_signing_alg_values_supported: told.filter((name) => ALGORITHMS.includes(name)),
  };
}
