/**
 * Says what went wrong at a model endpoint, in our own words: its error texts may quote keys and
 * prompts, so not a word of them is passed on.
 */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { ApexError } from "../protocol/errors.ts";
import { retryAfter } from "./endpoint-fetch.ts";

/** @returns the failure as one of the model port's errors. */
export function failureOf(error: unknown, now: number): ApexError {
  if (error instanceof ApexError) return error;
  if (error instanceof APIConnectionTimeoutError) return timedOut();
  if (error instanceof APIConnectionError) {
    return new ApexError("model_unavailable", "The model endpoint could not be reached.");
  }
  if (error instanceof APIError && error.status !== undefined) {
    return refusal(error.status, error.headers && retryAfter(error.headers, now));
  }
  return brokenOff();
}

/** A stream that ended before its turn did. It may be tried again at once: the endpoint answers. */
export function brokenOff(): ApexError {
  const detail = "The model's answer broke off before it was whole.";
  return new ApexError("model_unavailable", detail, { retryAfter: 0 });
}

function timedOut(): ApexError {
  return new ApexError("model_timeout", "The model endpoint did not answer in time.");
}

function refusal(status: number, seconds: number | undefined): ApexError {
  const after = seconds === undefined ? {} : { retryAfter: seconds };
  switch (status) {
    case 401:
    case 403:
      return new ApexError(
        "model_rejected",
        "The model endpoint refused the API key. Check OPENAI_API_KEY and what it may use.",
      );
    case 404:
      return new ApexError(
        "model_rejected",
        "The model endpoint does not know the model or the path. Check MODEL and OPENAI_BASE_URL.",
      );
    case 408:
      return timedOut();
    case 429: {
      const wait = seconds === undefined ? "in a while" : `in ${seconds} s`;
      const detail = `The model endpoint takes no more requests for now. Please try again ${wait}.`;
      return new ApexError("rate_limited", detail, after);
    }
    default:
      if (status === 409 || status >= 500) {
        const detail = `The model endpoint failed (HTTP ${status}). Please try again.`;
        return new ApexError("model_unavailable", detail, after);
      }
      return new ApexError(
        "model_rejected",
        `The model endpoint refused the request as not valid (HTTP ${status}).`,
      );
  }
}
