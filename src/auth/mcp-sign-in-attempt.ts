/** Binds a sign-in to an MCP server to the browser and the user that began it (RFC 9700, section 4.7). */
import * as z from "zod";
import { McpServerId, UserId } from "../protocol/ids.ts";
import { RegisteredClaims, type TokenKind } from "./signed-tokens.ts";

const claims = z.object({
  ...RegisteredClaims.shape,
  user_id: UserId,
  server_id: McpServerId,
  state: z.string(),
});

/** Kept in a cookie that scripts cannot read (`HttpOnly`). */
export type McpSignInAttempt = z.output<typeof claims>;

export const MCP_SIGN_IN_ATTEMPT: TokenKind<typeof claims> = {
  name: "sign-in",
  typ: "mcp-sign-in+jwt",
  audience: "apex-edge:mcp-sign-in",
  lifetimeSeconds: 10 * 60,
  claims,
};
