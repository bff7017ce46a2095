/** An identity provider as sign-in knows it, whatever protocol it speaks. */
import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
} from "oauth4webapi";
import { ApexError } from "../../protocol/errors.ts";
import type { VouchedIdentity } from "../vouched-users.ts";
import type { Challenge } from "./sign-in-attempt.ts";

export interface Provider {
  /** In addresses and as the method of a session. */
  readonly name: string;
  /** As a button names it. */
  readonly title: string;
  /** @returns where the browser is sent. @throws {ApexError} `provider_unavailable`. */
  authorizationUrl(challenge: Challenge, redirectUri: string): Promise<URL>;
  /**
   * @param answer the query that the browser came back with.
   * @returns whom the provider vouches for. Throws what {@link failureOf} tells apart.
   */
  identify(
    answer: URLSearchParams,
    challenge: Challenge,
    redirectUri: string,
  ): Promise<VouchedIdentity>;
}

/** @returns the failure of a sign-in: what is not the provider's absence is an answer not to believe. */
export function failureOf(error: unknown): ApexError {
  if (error instanceof ApexError) return error;
  if (error instanceof AuthorizationResponseError && error.error === "access_denied") {
    return new ApexError("sign_in_failed", "The provider was told not to sign you in.", {
      cause: error,
    });
  }
  return new ApexError(
    "sign_in_failed",
    "The provider's answer does not fit this sign-in. Please start again.",
    { cause: error },
  );
}

/** Error codes of OAuth (RFC 6749, section 5.2), and no free text, which may quote what is secret. */
const OAUTH_CODE = /^[a-z_]{1,64}$/;

/** @returns why a sign-in failed, for the log: codes alone, never what was sent or received. */
export function reasonOf(failure: ApexError): string {
  const { cause } = failure;
  if (cause instanceof AuthorizationResponseError || cause instanceof ResponseBodyError) {
    return OAUTH_CODE.test(cause.error) ? cause.error : cause.code;
  }
  if (cause instanceof OperationProcessingError || cause instanceof UnsupportedOperationError) {
    return cause.code ?? cause.name;
  }
  return cause instanceof Error ? cause.name : failure.code;
}
