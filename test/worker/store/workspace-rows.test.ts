/** The end of a workspace with more rows than one transaction deletes: slice by slice, and only by who may. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { z } from "zod";
import { newId, timestamp } from "../../../src/core/clock.ts";
import { OrganizationId, type UserId } from "../../../src/protocol/ids.ts";
import { AccountRows } from "../../../src/store/account-rows.ts";
import { openHistory } from "../../../src/store/database.ts";
import { Organizations } from "../../../src/store/organizations.ts";
import { account, db } from "./people.ts";

const ROWS = 25_000;
const SLICE = 10_000;

const Count = z.object({ rows: z.number() });

/** Fills a workspace with records, and with evaluations. */
async function fill(workspaceId: string): Promise<void> {
  const numbers = `WITH RECURSIVE numbers (n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS})`;
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO usage_records (workspace_id, record_id, source, ts, attempt, provider, operation,
         request_model, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
         reasoning_tokens, status, granularity, n_requests, price_version)
       ${numbers} SELECT ?1, 'r' || n, 'api', n / 7, 1, 'openai', 'chat', 'm', 1, 0, 0, 1, 0, 'ok',
         'request', 1, 'unpriced' FROM numbers`,
    ).bind(workspaceId),
    env.DB.prepare(
      `INSERT INTO usage_evaluations
       ${numbers} SELECT ?1, 'set', 'a', 'b', 'i' || n, 0, NULL, 1, 1, NULL, NULL FROM numbers`,
    ).bind(workspaceId),
  ]);
}

async function rowsOf(workspaceId: string): Promise<number> {
  const sql = `SELECT (SELECT count(*) FROM usage_records WHERE workspace_id = ?1)
    + (SELECT count(*) FROM usage_evaluations WHERE workspace_id = ?1) AS rows`;
  return Count.parse(await env.DB.prepare(sql).bind(workspaceId).first()).rows;
}

/** @returns the database, and how many rows the largest statement of its transactions changed. */
function watched() {
  const seen = { largest: 0 };
  const d1 = new Proxy(env.DB, {
    get(_, name) {
      if (name !== "batch") return Reflect.get(env.DB, name).bind(env.DB);
      return async (statements: D1PreparedStatement[]) => {
        const results = await env.DB.batch(statements);
        for (const { meta } of results) seen.largest = Math.max(seen.largest, meta.changes);
        return results;
      };
    },
  });
  return { seen, database: openHistory(d1, null) };
}

/** @returns a new team, and its admin. */
async function team(): Promise<{ id: OrganizationId; admin: UserId }> {
  const id = OrganizationId.parse(newId());
  const admin = (await account()).id;
  await new Organizations(db, admin).create(id, "Team", timestamp(0));
  return { id, admin };
}

/** @returns somebody who has joined a team. */
async function memberOf(id: OrganizationId): Promise<UserId> {
  const member = (await account()).id;
  const join = env.DB.prepare("UPDATE users SET organization_id = ? WHERE id = ?");
  await join.bind(id, member).run();
  return member;
}

it("an account's usage goes in slices, before the rest of it goes at once", async () => {
  const [user, bystander] = [await account(), await account()];
  await fill(user.id);
  await fill(bystander.id);
  const { seen, database } = watched();
  const rows = new AccountRows(database, user.id);
  let slices = 1;
  while (await rows.empty()) slices += 1;

  expect(slices).toBe(3);
  expect(await rows.delete()).toBe(true);
  expect(seen.largest).toBe(SLICE);
  expect(await rowsOf(user.id)).toBe(0);
  expect(await rowsOf(bystander.id)).toBe(2 * ROWS);
});

it.each<[string, (teams: Organizations, self: UserId) => Promise<string>]>([
  ["is deleted", (teams) => teams.delete()],
  ["is left by its last member", (teams, self) => teams.remove(self)],
])("a team's usage goes in slices, where it %s", async (_, end) => {
  const { id, admin } = await team();
  await fill(id);
  const { seen, database } = watched();

  expect(await end(new Organizations(database, admin), admin)).toBe("done");
  expect(seen.largest).toBe(SLICE);
  expect(await rowsOf(id)).toBe(0);
});

it("a team's usage stays, where who may not deletes it, or leaves it to others", async () => {
  const { id, admin } = await team();
  const [staying, leaving] = [await memberOf(id), await memberOf(id)];
  await fill(id);

  expect(await new Organizations(db, staying).delete()).toBe("forbidden");
  expect(await new Organizations(db, leaving).remove(leaving)).toBe("done");
  expect(await new Organizations(db, admin).remove(admin)).toBe("last_admin");
  expect(await rowsOf(id)).toBe(2 * ROWS);
});
