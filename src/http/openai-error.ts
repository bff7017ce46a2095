/** A failure as clients of OpenAI's API read it: an `error` object, beside the problem's own fields. */
import type { ApexError } from "../protocol/errors.ts";

/** What their SDKs make a typed error of. */
interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
}

/** Where traces are taken in, by OTLP. */
export const TRACES_PATH = "/v1/traces";

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};

/** @returns whether a path is asked for by clients of OpenAI's API. */
export function isOpenAiPath(path: string): boolean {
  return path.startsWith("/v1/") && path !== TRACES_PATH && !path.startsWith(`${TRACES_PATH}/`);
}

/** @returns the failure in their words; `code` is ours, but for the one of theirs that clients look for. */
export function openAiError({ code, status, message, errors }: ApexError): OpenAiError {
  const param = errors[0]?.field ?? null;
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  const isModel = code === "not_found" && param === "model";
  return { message, type, code: isModel ? "model_not_found" : code, param };
}
