/** Whose a workspace is just now: what tokens and runs know of a team is of the moment they were made in. */
import { and, eq } from "drizzle-orm";
import { ApexError } from "../protocol/errors.ts";
import { type UserId, type WorkspaceId, workspaceOf } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { users } from "./tables.ts";

/**
 * @returns whether a workspace is the user's own, or that of the team they are in as D1 has it now.
 * @throws {ApexError} `unavailable` if D1 does not answer; of one's own workspace it is not asked.
 */
export async function hasWorkspace(
  db: Database,
  userId: UserId,
  workspaceId: WorkspaceId,
): Promise<boolean> {
  if (workspaceId === workspaceOf(userId, null)) return true;
  const team = await guardD1(
    db
      .select({ id: users.organization_id })
      .from(users)
      .where(and(eq(users.id, userId), eq(users.organization_id, workspaceId)))
      .get(),
  );
  return team !== undefined;
}

/** @throws {ApexError} `token_expired` where it is not: a new token tells of the user's place as it is. */
export async function assertWorkspace(
  db: Database,
  userId: UserId,
  workspaceId: WorkspaceId,
): Promise<void> {
  if (await hasWorkspace(db, userId, workspaceId)) return;
  throw new ApexError(
    "token_expired",
    "The access token tells of a team that you are in no more. Refresh it.",
  );
}
