/** API keys as their owners make them. */
import { CreatedApiKey } from "../../../src/protocol/account.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ask } from "./ask.ts";

/** @returns a new key of somebody's, with its secret. */
export async function makeKey(
  { access_token: token }: Credentials,
  scopes: readonly string[],
  more: object = {},
): Promise<CreatedApiKey> {
  const response = await ask("/api/keys", { token, body: { name: "CI", scopes, ...more } });
  return CreatedApiKey.parse(await response.json());
}
