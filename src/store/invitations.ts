/** Invitations to teams in D1: made by an admin for one email address, accepted once by whose address it is. */
import { and, count, eq, exists, gt, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import { alias, type SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { UserId } from "../protocol/ids.ts";
import type { InviteBody } from "../protocol/organization.ts";
import { type Database, guardD1 } from "./database.ts";
import { invitations, users } from "./tables.ts";

/** Invitations of a team that may be open at once. */
export const MAX_INVITATIONS = 100;
/** Members that a team may have. */
export const MAX_MEMBERS = 500;

export interface NewInvitation extends InviteBody {
  readonly tokenHash: string;
  readonly now: string;
  readonly expiresAt: string;
}

/** What became of an attempt to accept an invitation. */
export type Acceptance = "accepted" | "unknown" | "already_in_team" | "full";

const members = alias(users, "members");

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class Invitations {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /**
   * Invites somebody into the user's team. This replaces an earlier invitation of the same address.
   * @returns `forbidden` if D1 does not have the user as the admin of a team at present.
   */
  async create(invitation: NewInvitation): Promise<"made" | "forbidden" | "full"> {
    const { tokenHash, email, role, now, expiresAt } = invitation;
    const isAdmin = and(
      eq(users.id, this.#userId),
      eq(users.role, "admin"),
      isNotNull(users.organization_id),
    );
    const team = this.#db.select({ id: users.organization_id }).from(users).where(isAdmin);
    const isOfTeam = eq(invitations.organization_id, sql`(${team})`);
    const open = this.#db.select({ count: count() }).from(invitations).where(isOfTeam);
    const row = this.#db
      .select({
        token_hash: sql`${tokenHash}`.as("token_hash"),
        organization_id: users.organization_id,
        email: sql`${email}`.as("email"),
        role: sql`${role}`.as("role"),
        created_at: sql`${now}`.as("created_at"),
        expires_at: sql`${expiresAt}`.as("expires_at"),
      })
      .from(users)
      .where(and(isAdmin, lt(sql`(${open})`, MAX_INVITATIONS)));
    const isOver = or(lte(invitations.expires_at, now), eq(invitations.email, email));
    const [admins, , made] = await guardD1(
      this.#db.batch([
        team,
        this.#db.delete(invitations).where(and(isOfTeam, isOver)),
        this.#db.insert(invitations).select(row).returning({ email: invitations.email }),
      ]),
    );
    if (made.length > 0) return "made";
    return admins.length > 0 ? "full" : "forbidden";
  }

  /** Joins the team of an invitation: whose email address is another learns nothing of it. */
  async accept(tokenHash: string, now: string): Promise<Acceptance> {
    const isMine = and(
      eq(invitations.token_hash, tokenHash),
      eq(invitations.email, users.email),
      gt(invitations.expires_at, now),
    );
    const isUser = eq(users.id, this.#userId);
    const hasRoom = lt(
      sql`(${this.#db
        .select({ count: count() })
        .from(members)
        .innerJoin(invitations, eq(invitations.organization_id, members.organization_id))
        .where(eq(invitations.token_hash, tokenHash))})`,
      MAX_MEMBERS,
    );
    const [[found], joined] = await guardD1(
      this.#db.batch([
        this.#db
          .select({ team: users.organization_id })
          .from(users)
          .innerJoin(invitations, isMine)
          .where(isUser),
        this.#db
          .update(users)
          .set({
            organization_id: sql`(${this.#of(tokenHash, invitations.organization_id)})`,
            role: sql`(${this.#of(tokenHash, invitations.role)})`,
          })
          .where(
            and(
              isUser,
              isNull(users.organization_id),
              exists(this.#db.select({ role: invitations.role }).from(invitations).where(isMine)),
              hasRoom,
            ),
          )
          .returning({ id: users.id }),
        this.#db.delete(invitations).where(
          and(
            eq(invitations.token_hash, tokenHash),
            exists(
              this.#db
                .select({ id: users.id })
                .from(users)
                .where(
                  and(
                    isUser,
                    eq(users.email, invitations.email),
                    eq(users.organization_id, invitations.organization_id),
                  ),
                ),
            ),
          ),
        ),
      ]),
    );
    if (joined.length > 0) return "accepted";
    if (found === undefined) return "unknown";
    return found.team === null ? "full" : "already_in_team";
  }

  /** @returns the query of one column of an invitation. */
  #of(tokenHash: string, column: SQLiteColumn) {
    const isIt = eq(invitations.token_hash, tokenHash);
    return this.#db.select({ value: column }).from(invitations).where(isIt);
  }
}
