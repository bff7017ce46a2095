/** Identities in D1: which user an issuer means by a subject. */
import { and, eq, sql } from "drizzle-orm";
import { User } from "../protocol/entities.ts";
import { USER } from "./accounts.ts";
import { type Database, guardD1 } from "./database.ts";
import { identities, organizations, users } from "./tables.ts";

interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class Identities {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async find(identity: Identity): Promise<User | null> {
    const [row] = await guardD1(this.#owner(identity));
    return row ? User.parse(row) : null;
  }

  /**
   * Creates the candidate as the identity's user if it has none. Concurrent calls create only one.
   * @returns the identity's user, or null if it has none and the candidate's email is taken.
   */
  async findOrMake(identity: Identity, candidate: User): Promise<User | null> {
    const { issuer, subject } = identity;
    const { id, email, name, tier, permissions, organization_id, role, created_at } = candidate;
    const isKnown = sql`EXISTS (SELECT 1 FROM identities WHERE issuer = ${issuer} AND subject = ${subject})`;
    // A batch is one transaction: the second statement sees whether the first made the user.
    const [, , [row]] = await guardD1(
      this.#db.batch([
        this.#db
          .insert(users)
          // In the order of the table's columns; nobody has a password for such an account.
          .select(
            sql`SELECT ${id}, ${email}, ${name}, ${tier}, ${JSON.stringify(permissions)},
              ${organization_id}, ${role}, NULL, '{}', ${created_at} WHERE NOT ${isKnown}`,
          )
          .onConflictDoNothing({ target: users.email }),
        this.#db
          .insert(identities)
          .select(sql`SELECT ${issuer}, ${subject}, id, created_at FROM users WHERE id = ${id}`)
          .onConflictDoNothing(),
        this.#owner(identity),
      ]),
    );
    return row ? User.parse(row) : null;
  }

  #owner({ issuer, subject }: Identity) {
    return this.#db
      .select(USER)
      .from(identities)
      .innerJoin(users, eq(users.id, identities.user_id))
      .leftJoin(organizations, eq(organizations.id, users.organization_id))
      .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)));
  }
}
