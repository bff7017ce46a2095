/** JSON-RPC 2.0 as doors refuse in it: its codes, and refusals before a method was even read. */
import type { Context } from "hono";
import { answerError } from "../http/problems.ts";
import type { AppEnv } from "../http/router.ts";
import { ApexError } from "../protocol/errors.ts";
import { Problem } from "../protocol/problem.ts";

/** The standard's own codes (https://www.jsonrpc.org/specification#error_object). */
export const RPC_CODES = {
  parseError: -32_700,
  invalidRequest: -32_600,
  invalidParams: -32_602,
  internalError: -32_603,
} as const;

/** @returns the code that comes closest to a failure. */
export function rpcCodeOf({ code, status }: Pick<ApexError, "code" | "status">): number {
  if (code === "malformed_body") return RPC_CODES.parseError;
  if (code === "invalid_fields") return RPC_CODES.invalidParams;
  return status >= 500 ? RPC_CODES.internalError : RPC_CODES.invalidRequest;
}

/** An error handler for a door's router: problem details, with an error of JSON-RPC beside them. */
export async function answerRpcProblem(error: Error, c: Context<AppEnv>): Promise<Response> {
  const answer = answerError(error, c);
  const problem = Problem.parse(await answer.json());
  const { detail: message, code } = problem;
  const rpc = { code: rpcCodeOf(ApexError.fromProblem(problem)), message, data: { code } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: rpc, ...problem });
  return new Response(body, { status: answer.status, headers: answer.headers });
}
