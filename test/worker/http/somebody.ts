/** People for tests that are not about signing in: made without a password, whose hashing takes its time. */
import { newId } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { ask } from "./ask.ts";

/** @returns the credentials of somebody new. */
export async function somebody(): Promise<Credentials> {
  const body = { email: `${newId()}@example.com` };
  return Credentials.parse(await (await ask("/api/auth/dev-login", { body })).json());
}
