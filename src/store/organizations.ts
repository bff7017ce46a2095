/** Teams in D1, each seen and changed by one member, whose role is looked up by the statement that needs it. */
import { and, asc, eq, exists, isNull, ne, notExists, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { OrganizationId, UserId } from "../protocol/ids.ts";
import { Members, Organization } from "../protocol/organization.ts";
import type { OrganizationRole } from "../protocol/scopes.ts";
import { type Database, guardD1 } from "./database.ts";
import { organizations, users } from "./tables.ts";
import { deleteWorkspaceSlice, deletionsOfTeamWorkspace } from "./workspace-rows.ts";

/** What became of a change: `not_found` where it is no team of the actor's, or nobody in it. */
export type TeamChange = "done" | "not_found" | "forbidden" | "last_admin";

/** Whether the user (?2) may delete the team (?1); whether the user is the last in it. */
const IS_ADMIN =
  "EXISTS (SELECT 1 FROM users WHERE id = ?2 AND organization_id = ?1 AND role = 'admin')";
const IS_LAST = `EXISTS (SELECT 1 FROM users WHERE id = ?2 AND organization_id = ?1)
  AND NOT EXISTS (SELECT 1 FROM users WHERE id <> ?2 AND organization_id = ?1)`;

const actors = alias(users, "actors");
const others = alias(users, "others");

/**
 * The precondition of a change is part of the statement that makes it, and D1 runs one statement at a time: if
 * two admins demote each other at once, only the first succeeds. Every method throws
 * {@link ApexError} `unavailable` if D1 does not answer.
 */
export class Organizations {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** Makes a team of the user's tier, with the user as its admin. @returns false where there is one already. */
  async create(id: OrganizationId, name: string, now: string): Promise<boolean> {
    const isAlone = and(eq(users.id, this.#userId), isNull(users.organization_id));
    const [, joined] = await guardD1(
      this.#db.batch([
        this.#db.insert(organizations).select(
          this.#db
            .select({
              id: sql`${id}`.as("id"),
              name: sql`${name}`.as("name"),
              tier: users.tier,
              created_at: sql`${now}`.as("created_at"),
            })
            .from(users)
            .where(isAlone),
        ),
        this.#db
          .update(users)
          .set({ organization_id: id, role: "admin" })
          .where(isAlone)
          .returning({ id: users.id }),
      ]),
    );
    return joined.length > 0;
  }

  async get(): Promise<Organization | null> {
    const row = await guardD1(
      this.#db
        .select({ organization: organizations, role: users.role })
        .from(users)
        .innerJoin(organizations, eq(organizations.id, users.organization_id))
        .where(eq(users.id, this.#userId))
        .get(),
    );
    return row ? Organization.parse({ ...row.organization, role: row.role }) : null;
  }

  /** @returns the members by their email addresses; nobody where the user has no team. */
  async members(): Promise<Members["data"]> {
    const rows = await guardD1(
      this.#db
        .select({ user_id: users.id, email: users.email, name: users.name, role: users.role })
        .from(users)
        .where(eq(users.organization_id, this.#team()))
        .orderBy(asc(users.email)),
    );
    return Members.shape.data.parse(rows);
  }

  /** Deletes the team, as its admin; its members are on their own again. */
  async delete(): Promise<TeamChange> {
    const team = (await this.get())?.id;
    if (team === undefined) return "not_found";
    await this.#empty(team, IS_ADMIN);
    const [left] = await guardD1(
      this.#db.batch([
        this.#db
          .update(users)
          .set({ organization_id: null, role: "member" })
          .where(
            and(eq(users.organization_id, team), eq(users.organization_id, this.#team("admin"))),
          )
          .returning({ id: users.id }),
        ...this.#deleteEmpty(team),
      ]),
    );
    return left.length > 0 ? "done" : "forbidden";
  }

  /** @returns whether there is a team of that id, whoever is in it. */
  async exists(team: OrganizationId): Promise<boolean> {
    const query = this.#db.select({ id: organizations.id }).from(organizations);
    return (await guardD1(query.where(eq(organizations.id, team)))).length > 0;
  }

  /** Gives a member another role, as an admin. */
  async setRole(member: UserId, role: OrganizationRole): Promise<TeamChange> {
    const changed = await guardD1(
      this.#db
        .update(users)
        .set({ role })
        .where(
          and(
            eq(users.id, member),
            eq(users.organization_id, this.#team("admin")),
            role === "admin" ? undefined : this.#hasOtherAdmin(),
          ),
        )
        .returning({ id: users.id }),
    );
    return changed.length > 0 ? "done" : await this.#obstacle(member);
  }

  /** Takes a member out, as an admin, or as that member. With the last one the team goes. */
  async remove(member: UserId): Promise<TeamChange> {
    const team = (await this.get())?.id;
    if (team === undefined) return "not_found";
    if (member === this.#userId) await this.#empty(team, IS_LAST);
    const isAlone = notExists(
      this.#db
        .select({ id: others.id })
        .from(others)
        .where(and(eq(others.organization_id, users.organization_id), ne(others.id, users.id))),
    );
    const [removed] = await guardD1(
      this.#db.batch([
        this.#db
          .update(users)
          .set({ organization_id: null, role: "member" })
          .where(
            and(
              eq(users.id, member),
              eq(users.organization_id, team),
              eq(users.organization_id, this.#team(member === this.#userId ? "member" : "admin")),
              or(eq(users.role, "member"), this.#hasOtherAdmin(), isAlone),
            ),
          )
          .returning({ id: users.id }),
        ...this.#deleteEmpty(team),
      ]),
    );
    return removed.length > 0 ? "done" : await this.#obstacle(member);
  }

  /** Most of what the workspace of a team holds, ahead of its end, which no large one would fit into. */
  async #empty(team: OrganizationId, condition: string): Promise<void> {
    while (await deleteWorkspaceSlice(this.#db.$client, team, condition, this.#userId));
  }

  /** The user's team, where the user has at least that role in it: what else it is compared with is null. */
  #team(role: OrganizationRole = "member") {
    const isActor = eq(actors.id, this.#userId);
    const team = this.#db
      .select({ id: actors.organization_id })
      .from(actors)
      .where(role === "admin" ? and(isActor, eq(actors.role, role)) : isActor);
    return sql`(${team})`;
  }

  #hasOtherAdmin() {
    const isOther = and(
      eq(others.organization_id, users.organization_id),
      eq(others.role, "admin"),
      ne(others.id, users.id),
    );
    return exists(this.#db.select({ id: others.id }).from(others).where(isOther));
  }

  /** Where nobody is left in it: with all that its workspace holds. */
  #deleteEmpty(team: OrganizationId) {
    const member = this.#db
      .select({ id: users.id })
      .from(users)
      .where(eq(users.organization_id, team));
    return [
      this.#db.delete(organizations).where(and(eq(organizations.id, team), notExists(member))),
      ...deletionsOfTeamWorkspace(this.#db, team),
    ] as const;
  }

  /** @returns why a change of a member was not made. */
  async #obstacle(member: UserId): Promise<TeamChange> {
    const team = await this.members();
    if (!team.some(({ user_id }) => user_id === member)) return "not_found";
    const actor = team.find(({ user_id }) => user_id === this.#userId);
    return actor?.role === "admin" ? "last_admin" : "forbidden";
  }
}
