/** Accounts in D1: used by sign-in alone, before there is a verified user to construct anything with. */
import { eq, getTableColumns, sql } from "drizzle-orm";
import type { DevLoginBody } from "../protocol/api.ts";
import { User } from "../protocol/entities.ts";
import type { UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { organizations, users } from "./tables.ts";

/** A user as the wire tells of one: who has a team has its tier. */
export const USER = {
  ...getTableColumns(users),
  tier: sql<string>`coalesce(${organizations.tier}, ${users.tier})`,
};

/** An account with what its password is checked against; null where it has no password. */
export interface Account {
  readonly user: User;
  readonly passwordHash: string | null;
}

/** Every method throws {@link ApexError} `unavailable` where D1 does not answer. */
export class Accounts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @returns false where the email address is taken; of two at once exactly one gets it. */
  async create(user: User, passwordHash: string | null): Promise<boolean> {
    const made = await guardD1(
      this.#db
        .insert(users)
        .values({ ...user, password_hash: passwordHash })
        .onConflictDoNothing({ target: users.email })
        .returning({ id: users.id }),
    );
    return made.length > 0;
  }

  /** @param email in its canonical form, as the protocol's bodies give it. */
  async findByEmail(email: string): Promise<Account | null> {
    const row = await guardD1(this.#users().where(eq(users.email, email)).get());
    return row ? { user: User.parse(row), passwordHash: row.password_hash } : null;
  }

  async findById(id: UserId): Promise<User | null> {
    const row = await guardD1(this.#users().where(eq(users.id, id)).get());
    return row ? User.parse(row) : null;
  }

  /**
   * Signs a developer in without a password: the same email address is always the same user.
   * @param candidate the user to create where the email address is new.
   * @param given what was asked for; an existing user takes it over, and keeps the rest.
   */
  async upsertDevelopment(
    candidate: User,
    given: Pick<DevLoginBody, "name" | "tier" | "permissions">,
  ): Promise<User> {
    // The email is set to itself because only a row that was written is returned.
    const row = await guardD1(
      this.#db
        .insert(users)
        .values(candidate)
        .onConflictDoUpdate({
          target: users.email,
          set: {
            email: candidate.email,
            name: given.name,
            tier: given.tier,
            permissions: given.permissions,
          },
        })
        .returning()
        .get(),
    );
    return User.parse(row);
  }
  #users() {
    return this.#db
      .select(USER)
      .from(users)
      .leftJoin(organizations, eq(organizations.id, users.organization_id));
  }
}
