/** Failures in JSON-RPC's words (https://www.jsonrpc.org/specification#error_object). */
import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { ApexError } from "../../protocol/errors.ts";
import { problemOf } from "../../protocol/problem-of.ts";

/** @returns the code of the protocol that comes closest; the failure's own stands in `data`. */
export function codeOf({ code, status }: ApexError): number {
  if (code === "malformed_body") return ProtocolErrorCode.ParseError;
  if (code === "invalid_fields") return ProtocolErrorCode.InvalidParams;
  return status >= 500 ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidRequest;
}

/** @returns the failure of a request that is no tool's call. */
export function protocolErrorOf(failure: ApexError): ProtocolError {
  return new ProtocolError(codeOf(failure), failure.message, problemOf(failure));
}

/** @returns the one answer for a missing resource, and for another user's. */
export function noSuchResource(uri: string): ProtocolError {
  return new ResourceNotFoundError(uri);
}

/** @returns a failed call as its result, so that the model that made it can make a better one. */
export function failedCall(failure: ApexError): CallToolResult {
  const text = `${failure.message} (${failure.code})`;
  return { content: [{ type: "text", text }], isError: true };
}
