/** Refusals over HTTP, before MCP itself: a client that is not signed in is told where to find out how to. */
import type { Context } from "hono";
import type { AppEnv } from "../../http/router.ts";
import { answerRpcProblem } from "../json-rpc.ts";
import { metadataUrl } from "./resource-metadata.ts";

/** The door's error handler; the challenge names the metadata (RFC 9728, section 5.1). */
export async function answerMcpProblem(error: Error, c: Context<AppEnv>): Promise<Response> {
  const answer = await answerRpcProblem(error, c);
  const challenge = answer.headers.get("WWW-Authenticate");
  if (challenge !== null) {
    const metadata = metadataUrl(new URL(c.req.url).origin);
    answer.headers.set("WWW-Authenticate", `${challenge}, resource_metadata="${metadata}"`);
  }
  return answer;
}
