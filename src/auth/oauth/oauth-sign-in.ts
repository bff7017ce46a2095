/** Sign-in with an identity provider: from the browser's request to the authenticated user. */
import type { User } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { SpentTokens } from "../../store/spent-tokens.ts";
import { type TokenAuthority, verifyToken } from "../signed-tokens.ts";
import { spendOnce } from "../spend-once.ts";
import type { VouchedUsers } from "../vouched-users.ts";
import { failureOf, type Provider } from "./provider.ts";
import {
  newChallenge,
  SIGN_IN_ATTEMPT,
  type SignInAttempt,
  signAttempt,
} from "./sign-in-attempt.ts";

/** What sign-in stands on. */
interface Parts {
  readonly users: VouchedUsers;
  readonly spentTokens: SpentTokens;
  readonly authority: TokenAuthority;
}

/** The callback: a browser that returned from a provider. */
export interface Return {
  /** The token of the attempt, from the browser's cookie. */
  readonly attempt: string | undefined;
  /** The query of the callback. */
  readonly answer: URLSearchParams;
  /** The address of the callback, as the provider was told. */
  readonly redirectUri: string;
}

export class OAuthSignIn {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @returns where to redirect the browser, and the token that it keeps until the callback.
   * @throws {ApexError} `provider_unavailable`.
   */
  async start(
    provider: Provider,
    asked: { readonly returnTo: string; readonly redirectUri: string },
  ): Promise<{ url: URL; attempt: string }> {
    const challenge = newChallenge();
    const url = await provider.authorizationUrl(challenge, asked.redirectUri);
    const attempt = { ...challenge, provider: provider.name, return_to: asked.returnTo };
    return { url, attempt: await signAttempt(attempt, this.#parts.authority) };
  }

  /**
   * The attempt is spent before the provider is asked, so that a callback is used once, even if it fails.
   * @throws {ApexError} `sign_in_failed`, `provider_unavailable`, `email_taken` or `unavailable`.
   */
  async finish(
    provider: Provider,
    { attempt: token, answer, redirectUri }: Return,
  ): Promise<{ user: User; isNew: boolean; returnTo: string }> {
    const attempt = await this.#spend(provider, token, answer);
    try {
      const identity = await provider.identify(answer, attempt, redirectUri);
      return { ...(await this.#parts.users.userOf(identity)), returnTo: attempt.return_to };
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** @returns the attempt that the callback belongs to. It cannot be used again. */
  async #spend(
    provider: Provider,
    token: string | undefined,
    answer: URLSearchParams,
  ): Promise<SignInAttempt> {
    const attempt = await this.#read(token);
    const [state, ...others] = answer.getAll("state");
    if (attempt.provider !== provider.name || attempt.state !== state || others.length > 0) {
      throw new ApexError(
        "sign_in_failed",
        "The answer is for another sign-in. Please start again.",
      );
    }
    const { spentTokens, authority } = this.#parts;
    if (await spendOnce(attempt, spentTokens, authority.clock)) return attempt;
    throw new ApexError("sign_in_failed", "This sign-in was completed before. Please start again.");
  }

  async #read(token: string | undefined): Promise<SignInAttempt> {
    try {
      return await verifyToken(SIGN_IN_ATTEMPT, token ?? "", this.#parts.authority);
    } catch (cause) {
      throw new ApexError(
        "sign_in_failed",
        "This browser has begun no sign-in, or over ten minutes ago. Please start again, with cookies allowed.",
        { cause },
      );
    }
  }
}
