/** Deletes what is stored of a team outside D1. */
import type { Context } from "hono";
import { organizationObjectName } from "../durable/names.ts";
import { type OrganizationId, WorkspaceId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { Organizations } from "../store/organizations.ts";
import { consoleLog } from "../telemetry/log.ts";
import { forgetAnswers } from "../tools/last-good.ts";
import { clickhouseWorkspaceRows } from "../usage/clickhouse/workspace-rows.ts";
import { askObject } from "./ask-object.ts";
import type { SignedInEnv } from "./router.ts";

/**
 * Deletes what a team has left in its object, among the remembered answers and, where that is set, in
 * ClickHouse; D1 has deleted its own in the change that ended the team. Nobody waits for it: a failure is logged with the team's id.
 */
export function forgetTeam(c: Context<SignedInEnv>, team: OrganizationId): void {
  const { clickhouse } = c.var.config;
  const object = () => c.env.ORGANIZATIONS.getByName(organizationObjectName(team));
  c.executionCtx.waitUntil(
    (async () => {
      const teams = new Organizations(openDatabase(c.env.DB), c.var.principal.userId);
      if (await teams.exists(team)) return;
      await Promise.all([
        askObject("team", object, (it) => it.erase()),
        clickhouse && clickhouseWorkspaceRows(clickhouse, team).delete(),
        forgetAnswers(c.env.CACHE, WorkspaceId.parse(team)),
      ]);
    })().catch((error) => consoleLog.error("team.left_behind", error, { organization_id: team })),
  );
}
