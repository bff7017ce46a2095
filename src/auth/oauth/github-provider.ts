/** Sign-in with GitHub, which supports OAuth but not OpenID Connect: its API tells whose the token is. */
import { ClientSecretPost, processAuthorizationCodeResponse } from "oauth4webapi";
import * as z from "zod";
import type { VouchedIdentity } from "../vouched-users.ts";
import type { BoundedFetch } from "./bounded-fetch.ts";
import { authorizationUrl, type Grant, redeemCode } from "./code-grant.ts";
import type { Provider } from "./provider.ts";
import type { Challenge } from "./sign-in-attempt.ts";

interface GitHubSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** `https://github.com`, or the address of an enterprise server. */
  readonly url: string;
  /** `https://api.github.com`, or an enterprise server's `/api/v3`. */
  readonly apiUrl: string;
}

const GitHubUser = z.object({
  id: z.int().positive(),
  login: z.string(),
  name: z.string().nullish(),
});
const GitHubEmails = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);

export class GitHubProvider implements Provider {
  readonly name = "github";
  readonly title = "GitHub";
  readonly #apiUrl: string;
  readonly #grant: Grant;

  constructor({ clientId, clientSecret, url, apiUrl }: GitHubSettings, fetch: BoundedFetch) {
    const issuer = `${withoutSlash(url)}/login/oauth`;
    this.#apiUrl = withoutSlash(apiUrl);
    this.#grant = {
      server: {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/access_token`,
      },
      client: { client_id: clientId },
      clientAuth: ClientSecretPost(clientSecret),
      fetch,
    };
  }

  authorizationUrl(challenge: Challenge, redirectUri: string): Promise<URL> {
    return authorizationUrl(this.#grant, challenge, { redirectUri, scope: "read:user user:email" });
  }

  async identify(
    answer: URLSearchParams,
    challenge: Challenge,
    redirectUri: string,
  ): Promise<VouchedIdentity> {
    const { server, client } = this.#grant;
    const response = await redeemCode(this.#grant, answer, challenge, redirectUri);
    const { access_token } = await processAuthorizationCodeResponse(server, client, response);
    const [user, emails] = await Promise.all([
      this.#ask("/user", GitHubUser, access_token),
      this.#ask("/user/emails", GitHubEmails, access_token),
    ]);
    const primary = emails.find(({ primary, verified }) => primary && verified);
    return {
      issuer: server.issuer,
      // After a rename, a login can be taken by somebody else; an id cannot.
      subject: String(user.id),
      email: primary?.email ?? null,
      name: user.name ?? user.login,
    };
  }

  async #ask<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    token: string,
  ): Promise<z.output<Schema>> {
    const response = await this.#grant.fetch(`${this.#apiUrl}${path}`, {
      headers: {
        Accept: "application/vnd.github+json",
        Authorization: `Bearer ${token}`,
        "User-Agent": "apex-edge",
        "X-GitHub-Api-Version": "2022-11-28",
      },
    });
    return schema.parse(await response.json());
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
