/** What D1 keeps of a workspace: a person's own, or a team's. */
import { and, eq, notExists } from "drizzle-orm";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { OrganizationId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { organizations } from "./tables.ts";

/** The tables whose rows belong to a workspace, by its id. */
export const WORKSPACE_TABLES = [
  "usage_records",
  "usage_quarantine",
  "usage_imports",
  "usage_leases",
  "usage_profiles",
  "usage_evaluations",
  "usage_prices",
] as const;

/** Those that grow without a bound, and what tells their rows apart within a workspace. */
const LARGE_TABLES = [
  { name: "usage_records", key: "ts, record_id" },
  { name: "usage_quarantine", key: "record_id" },
  { name: "usage_imports", key: "import_id" },
  { name: "usage_evaluations", key: "evaluation_set, from_model, to_model, item_id" },
] as const;
/** Rows that one statement deletes: as many as D1 does within its time. */
const SLICE = 10_000;

/** As much of each as it takes to delete by; the room of usage knows the rest. */
const TABLES = WORKSPACE_TABLES.map((name) =>
  sqliteTable(name, { workspace_id: text("workspace_id").notNull() }),
);

/**
 * Deletes a slice of each large table, ahead of the one transaction that ends a workspace for good: that one
 * then has little to do, however much there was. Safe to repeat where it broke off.
 * @param condition what must hold for it, as SQL with ?2 and on.
 * @returns false where no more is to be deleted.
 * @throws {ApexError} `unavailable` if D1 does not answer.
 */
export async function deleteWorkspaceSlice(
  db: D1Database,
  workspaceId: string,
  condition = "true",
  ...values: readonly string[]
): Promise<boolean> {
  const deletions = LARGE_TABLES.map(({ name, key }) =>
    db
      .prepare(
        `DELETE FROM ${name} WHERE workspace_id = ?1 AND (${condition}) AND (${key}) IN (
          SELECT ${key} FROM ${name} WHERE workspace_id = ?1 LIMIT ${SLICE})`,
      )
      .bind(workspaceId, ...values),
  );
  const results = await guardD1(db.batch(deletions));
  return results.some(({ meta }) => meta.changes >= SLICE);
}

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
