/** Accounts for the store's tests: people whose rows the others must never see. */
import { env } from "cloudflare:workers";
import { newId, timestamp } from "../../../src/core/clock.ts";
import { User } from "../../../src/protocol/entities.ts";
import { Accounts } from "../../../src/store/accounts.ts";
import { openHistory } from "../../../src/store/database.ts";

export const db = openHistory(env.DB, null);

/** @returns a user that is not stored yet, with an id and an email address of its own. */
export function person(overrides: Partial<User> = {}): User {
  const id = newId();
  return User.parse({
    id,
    email: `${id}@example.com`,
    name: "Ada",
    tier: "free",
    permissions: [],
    organization_id: null,
    role: "member",
    created_at: timestamp(0),
    ...overrides,
  });
}

/** @returns a user that is stored, without a password. */
export async function account(): Promise<User> {
  const user = person();
  await new Accounts(db).create(user, null);
  return user;
}
