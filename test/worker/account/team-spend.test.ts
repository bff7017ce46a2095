/** What a team remembers of who spent: not of whom is gone, and nothing once it is gone itself. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { organizationObjectName } from "../../../src/durable/names.ts";
import { DeletionReceipt } from "../../../src/protocol/account.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { OrganizationId, ThreadId, UserId } from "../../../src/protocol/ids.ts";
import { ask } from "../http/ask.ts";
import { foundTeam, joinTeam } from "../http/team.ts";
import { eventually } from "../thread/client.ts";
import { TellingThread, type UserFeed, userFeed } from "./user-feed.ts";

const DAY_MS = 24 * 60 * 60_000;

const someTeam = () => OrganizationId.parse(newId());
const objectOf = (team: OrganizationId) =>
  env.ORGANIZATIONS.getByName(organizationObjectName(team));
const grantOf = (organizationId: OrganizationId) =>
  ({ scopes: [], tier: "free", organizationId, voucherId: "session" }) as const;

/** @returns who spent something, as a team has it. */
function spendersOf(team: OrganizationId) {
  return runInDurableObject(objectOf(team), (_, { storage }) =>
    storage.sql
      .exec("SELECT user_id FROM spend ORDER BY user_id")
      .toArray()
      .map(({ user_id }) => user_id),
  );
}

/** Has a user's object tell a team what the user spent. */
async function spendIn(feed: UserFeed, team: OrganizationId): Promise<void> {
  await feed.join(team);
  await feed.object.limits(grantOf(team));
}

const outage = (team: OrganizationId, sql: string) =>
  runInDurableObject(objectOf(team), (_, { storage }) => void storage.sql.exec(sql));

async function remove({ user, access_token: token }: Credentials) {
  const body = { email: user.email };
  const answer = await ask("/api/account", { method: "DELETE", token, body });
  return DeletionReceipt.parse(await answer.json());
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("who has deleted the account", () => {
  it("is forgotten by every team of the last month, and others are not", async () => {
    const [before, now] = [someTeam(), someTeam()];
    const [ada, bob] = [await userFeed(), await userFeed()];
    for (const team of [before, now]) {
      await spendIn(ada, team);
      await spendIn(bob, team);
    }
    expect(await spendersOf(before)).toHaveLength(2);

    expect((await remove(ada.owner)).complete).toBe(true);
    for (const team of [before, now]) expect(await spendersOf(team)).toEqual([bob.owner.user.id]);
  });

  it("is forgotten also by a team that can't just then: the deletion is not at its end before", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const team = someTeam();
    const ada = await userFeed();
    await spendIn(ada, team);
    await outage(
      team,
      "CREATE TRIGGER outage BEFORE DELETE ON spend BEGIN SELECT missing FROM spend; END",
    );
    expect((await remove(ada.owner)).complete).toBe(false);

    await outage(team, "DROP TRIGGER outage");
    await eventually(async () => {
      await runDurableObjectAlarm(ada.object);
      expect(await spendersOf(team)).toEqual([]);
    });
  });

  it("is not told of again, whatever is asked of the account, or told to it, late", async () => {
    const team = someTeam();
    const ada = await userFeed();
    await spendIn(ada, team);
    const thread = new TellingThread(ada);
    await remove(ada.owner);
    const sender = grantOf(team);
    const asked = { threadId: ThreadId.parse(newId()), waiting: 0, sender };

    expect(await ada.object.reserve(asked)).toMatchObject({
      ok: false,
      problem: { code: "session_ended" },
    });
    await thread.tell(thread.spent(2, 1, { cost_usd: 1 }));
    expect(await spendersOf(team)).toEqual([]);
  });
});

describe("a team that is no more", () => {
  it.each<[string, (admin: Credentials) => string]>([
    ["was deleted", () => "/api/organization"],
    ["was left by its last member", ({ user }) => `/api/organization/members/${user.id}`],
  ])("remembers nobody, where it %s", async (_, path) => {
    const admin = await foundTeam();
    await spendIn(await userFeed(admin), admin.team.id);
    expect(await spendersOf(admin.team.id)).toEqual([admin.user.id]);

    await ask(path(admin), { method: "DELETE", token: admin.access_token });
    expect(await spendersOf(admin.team.id)).toEqual([]);
  });

  it("goes on to remember, where somebody is left in it", async () => {
    const admin = await foundTeam();
    const member = await joinTeam(admin);
    await spendIn(await userFeed(admin), admin.team.id);
    const path = `/api/organization/members/${member.user.id}`;
    await ask(path, { method: "DELETE", token: member.access_token });

    expect(await spendersOf(admin.team.id)).toEqual([admin.user.id]);
  });
});

it("a day is forgotten after a month, whether anybody asks for another or not", async () => {
  const team = someTeam();
  const spent = { tokens: 1, usd: 1, runs: 1 };
  await objectOf(team).tally(UserId.parse("ada"), Date.now() - 40 * DAY_MS, spent);
  await eventually(async () => {
    await runDurableObjectAlarm(objectOf(team));
    expect(await spendersOf(team)).toEqual([]);
  });
  await objectOf(team).tally(UserId.parse("ada"), Date.now() - 30 * DAY_MS, spent);
  await runDurableObjectAlarm(objectOf(team));
  expect(await spendersOf(team)).toEqual(["ada"]);
});
