/** Accounts in D1: used by sign-in alone, before there is a verified user to construct anything with. */
import { and, eq, getTableColumns, isNull, ne, sql } from "drizzle-orm";
import type { DevLoginBody } from "../protocol/api.ts";
import { User } from "../protocol/entities.ts";
import { SessionId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { organizations, sessions, users } from "./tables.ts";

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

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
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
   * @param candidate the user to create if the email address is new.
   * @param given the requested properties; an existing user gets these and keeps the rest.
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
    return (await this.findById(UserId.parse(row.id))) ?? User.parse(row);
  }

  /**
   * Sets a password and ends the user's sessions but for one, both or neither: whoever knew the old one
   * is out.
   * @param kept null where all end.
   * @returns the sessions that it ended.
   */
  async changePassword(
    id: UserId,
    passwordHash: string,
    kept: SessionId | null,
    now: string,
  ): Promise<SessionId[]> {
    const isOther = kept === null ? undefined : ne(sessions.id, kept);
    const [, ended] = await guardD1(
      this.#db.batch([
        this.#db.update(users).set({ password_hash: passwordHash }).where(eq(users.id, id)),
        this.#db
          .update(sessions)
          .set({ ended_at: now })
          .where(and(eq(sessions.user_id, id), isNull(sessions.ended_at), isOther))
          .returning({ id: sessions.id }),
      ]),
    );
    return ended.map((session) => SessionId.parse(session.id));
  }

  #users() {
    return this.#db
      .select(USER)
      .from(users)
      .leftJoin(organizations, eq(organizations.id, users.organization_id));
  }
}
