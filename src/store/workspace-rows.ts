/** What D1 keeps of a workspace: a person's own, or a team's. */
import { and, eq, notExists } from "drizzle-orm";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { OrganizationId } from "../protocol/ids.ts";
import type { Database } from "./database.ts";
import { organizations } from "./tables.ts";

/** The tables whose rows belong to a workspace, by its id. */
export const WORKSPACE_TABLES = [
  "usage_records",
  "usage_quarantine",
  "usage_imports",
  "usage_profiles",
  "usage_evaluations",
  "usage_prices",
] as const;

/** As much of each as it takes to delete by; the room of usage knows the rest. */
const TABLES = WORKSPACE_TABLES.map((name) =>
  sqliteTable(name, { workspace_id: text("workspace_id").notNull() }),
);

/** @returns the statements that leave nothing of a team's workspace, once the team is no more. */
export function deletionsOfTeamWorkspace(db: Database, team: OrganizationId) {
  const standing = db
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, team));
  return TABLES.map((table) =>
    db.delete(table).where(and(eq(table.workspace_id, team), notExists(standing))),
  );
}
