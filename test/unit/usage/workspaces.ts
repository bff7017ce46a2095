/** Workspaces that somebody has: nothing is written for one that is nobody's. */

/** Makes teams of these ids; who is there stays. */
export async function standing(db: D1Database, ...workspaceIds: string[]): Promise<void> {
  const sql = `INSERT INTO organizations (id, name, tier, created_at)
    VALUES (?, 'Team', 'free', '2026-11-21T12:00:00.000Z') ON CONFLICT DO NOTHING`;
  await db.batch(workspaceIds.map((id) => db.prepare(sql).bind(id)));
}
