/** Failures as the protocol tells them: of a request, and of a tool that was called. */
import {
  type CallToolResult,
  ProtocolError,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { ApexError } from "../../protocol/errors.ts";
import { problemOf } from "../../protocol/problem-of.ts";
import { rpcCodeOf } from "../json-rpc.ts";

/** @returns the JSON-RPC error for a request that is no tool call; our own error code is in `data`. */
export function protocolErrorOf(failure: ApexError): ProtocolError {
  return new ProtocolError(rpcCodeOf(failure), failure.message, problemOf(failure));
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
