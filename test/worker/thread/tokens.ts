/** Access tokens that a test needs to be old. */
import { env } from "cloudflare:workers";
import { issueAccessToken } from "../../../src/auth/access-tokens.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import { newId, systemClock } from "../../../src/core/clock.ts";
import { readConfig } from "../../../src/env.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { SessionId } from "../../../src/protocol/ids.ts";

/** Longer than any access token lives, in milliseconds. */
export const A_TOKENS_LIFE = 16 * 60_000;

/** @returns a genuine access token that was issued so long ago, in milliseconds. */
export function oldToken({ user }: Credentials, age: number): Promise<string> {
  const clock = { ...systemClock, now: () => Date.now() - age };
  const keys = keyRing(readConfig(env));
  return issueAccessToken(user, SessionId.parse(newId()), { keys, clock });
}
