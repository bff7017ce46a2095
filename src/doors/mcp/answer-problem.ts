/** Refusals before the protocol has begun: problem details, with JSON-RPC's own words beside them. */
import type { Context } from "hono";
import { answerError } from "../../http/problems.ts";
import type { AppEnv } from "../../http/router.ts";
import { ApexError } from "../../protocol/errors.ts";
import { Problem } from "../../protocol/problem.ts";
import { codeOf } from "./failures.ts";
import { metadataUrl } from "./resource-metadata.ts";

/** The door's error handler. Who is not signed in is told where it is said how (RFC 9728, section 5.1). */
export async function answerMcpProblem(error: Error, c: Context<AppEnv>): Promise<Response> {
  const answer = answerError(error, c);
  const headers = new Headers(answer.headers);
  const challenge = headers.get("WWW-Authenticate");
  if (challenge !== null) {
    const metadata = metadataUrl(new URL(c.req.url).origin);
    headers.set("WWW-Authenticate", `${challenge}, resource_metadata="${metadata}"`);
  }
  const problem = Problem.parse(await answer.json());
  const { detail: message, code } = problem;
  const rpc = { code: codeOf(ApexError.fromProblem(problem)), message, data: { code } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: rpc, ...problem });
  return new Response(body, { status: answer.status, headers });
}
