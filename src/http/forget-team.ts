/** What analytics keeps of a team goes when the team does. */
import type { Context } from "hono";
import { consoleLog } from "../core/log.ts";
import type { OrganizationId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { Organizations } from "../store/organizations.ts";
import { clickhouseWorkspaceRows } from "../usage/clickhouse/workspace-rows.ts";
import type { SignedInEnv } from "./router.ts";

/**
 * Deletes in ClickHouse, where that is set, what a team has left there; D1 has deleted its own in the
 * change that ended the team. Nobody waits for it: a failure is logged with the workspace's id.
 */
export function forgetTeam(c: Context<SignedInEnv>, team: OrganizationId): void {
  const { clickhouse } = c.var.config;
  if (clickhouse === null) return;
  c.executionCtx.waitUntil(
    (async () => {
      const teams = new Organizations(openDatabase(c.env.DB), c.var.principal.userId);
      if (!(await teams.exists(team))) await clickhouseWorkspaceRows(clickhouse, team).delete();
    })().catch((error) => consoleLog.error("usage.left_behind", error, { workspace_id: team })),
  );
}
