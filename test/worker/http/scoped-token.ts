/** Access tokens with just the scopes a test is about, for whoever they are issued to. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as z from "zod";
import { ACCESS_TOKEN } from "../../../src/auth/access-tokens.ts";
import { PrincipalClaims } from "../../../src/auth/principal.ts";
import { signToken } from "../../../src/auth/signed-tokens.ts";
import { NO_SPAN } from "../../../src/core/trace.ts";
import { readConfig } from "../../../src/env.ts";
import { authorityOf } from "../../../src/http/authenticate.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ORIGIN } from "./ask.ts";

const Payload = z
  .string()
  .transform((token): unknown => JSON.parse(atob(token.split(".")[1] ?? "")))
  .pipe(PrincipalClaims);

/** @returns a token of the same session, which may do what the scopes say and nothing else. */
export function tokenWith(
  { access_token }: Credentials,
  scopes: readonly string[],
): Promise<string> {
  const config = readConfig(env);
  const raw = new Request(ORIGIN);
  const executionCtx = createExecutionContext();
  const authority = authorityOf({
    req: { raw },
    env,
    executionCtx,
    var: { requestId: "r", config, span: NO_SPAN },
  });
  return signToken(
    ACCESS_TOKEN,
    { ...Payload.parse(access_token), scopes: [...scopes] },
    authority,
  );
}
