/** The interface of an identity provider, whatever protocol it uses. */
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
  /** Used in addresses, and as the method of a session. */
  readonly name: string;
  /** The name on its sign-in button. */
  readonly title: string;
  /**
   * @returns where to redirect the browser.
   * @throws {ApexError} `provider_unavailable`.
   */
  authorizationUrl(challenge: Challenge, redirectUri: string): Promise<URL>;
  /**
   * @param answer the query of the callback.
   * @returns the authenticated identity. Errors are to be passed to {@link failureOf}.
   */
  identify(
    answer: URLSearchParams,
    challenge: Challenge,
    redirectUri: string,
  ): Promise<VouchedIdentity>;
}

/** @returns the error of a sign-in: either the provider was unavailable, or its answer was not acceptable. */
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

/** An OAuth error code (RFC 6749, section 5.2). Free text is not logged, as it may quote secrets. */
const OAUTH_CODE = /^[a-z_]{1,64}$/;

/** @returns why a sign-in failed, for the log: codes only, nothing that was sent or received. */
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
