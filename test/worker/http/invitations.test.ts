/** Invitations over HTTP: for one address, once, for seven days. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { MAX_INVITATIONS, MAX_MEMBERS } from "../../../src/store/invitations.ts";
import { invitations, users } from "../../../src/store/tables.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";
import { accept, foundTeam, invite, joinTeam, refreshed } from "./team.ts";

const WEEK_MS = 7 * 24 * 60 * 60_000;
const db = openDatabase(env.DB);

describe("an invitation is not accepted", () => {
  it("all the same, where it is unknown, used, voided, too old, or for another address", async () => {
    const ada = await foundTeam();
    const [bob, eve] = [await somebody(), await somebody()];
    const voided = await invite(ada, bob.user.email);
    const standing = await invite(ada, bob.user.email);
    const late = await invite(ada, eve.user.email);
    const answers = [
      await accept(bob, "apx_inv_unknown"),
      await accept(bob, voided.token),
      await accept(eve, standing.token),
    ];
    const clock = vi.spyOn(systemClock, "now").mockReturnValue(Date.now() + WEEK_MS);
    const tooLate = accept(
      { ...eve, access_token: (await refreshed(eve)).access_token },
      late.token,
    );
    answers.push(await tooLate);
    clock.mockRestore();
    expect((await accept(bob, standing.token)).status).toBe(200);
    await ask(`/api/organization/members/${bob.user.id}`, {
      token: bob.access_token,
      method: "DELETE",
    });
    answers.push(await accept(bob, standing.token));

    for (const answer of answers) {
      const { code, detail } = await problemOf(answer);
      expect({ code, detail }).toEqual({
        code: "not_found",
        detail: "There is no such invitation for your email address. Ask for another one.",
      });
    }
  });

  it("by who is in a team, and may be once they left it", async () => {
    const [ada, eve] = [await foundTeam(), await foundTeam()];
    const { token } = await invite(ada, eve.user.email);

    expect((await problemOf(await accept(eve, token))).code).toBe("already_in_team");
    await ask("/api/organization", { token: eve.access_token, method: "DELETE" });
    expect((await accept(eve, token)).status).toBe(200);
  });

  it("into a team that is full", async () => {
    const ada = await foundTeam();
    const bob = await somebody();
    const { token } = await invite(ada, bob.user.email);
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_MEMBERS - 1})
       INSERT INTO users (id, email, name, tier, permissions, organization_id, role, created_at)
       SELECT 'full-' || i, 'full-' || i || '@example.com', 'F', 'free', '[]', ?, 'member', '' FROM n`,
    )
      .bind(ada.team.id)
      .run();

    expect((await problemOf(await accept(bob, token))).code).toBe("quota_exceeded");
    await db.delete(users);
  });
});

describe("nobody is invited", () => {
  it.each([{}, { email: "nobody" }, { email: "a@example.com", role: "operator" }])(
    "by %j",
    async (body) => {
      const { access_token: token } = await foundTeam();
      const response = await ask("/api/organization/invitations", { token, body });

      expect((await problemOf(response)).code).toBe("invalid_fields");
    },
  );

  it("past so many open invitations; those that expired do not count", async () => {
    const ada = await foundTeam();
    const row = { organization_id: ada.team.id, role: "member", created_at: "" };
    const insert = (n: number, expires_at: string) =>
      db.insert(invitations).values({
        ...{ ...row, expires_at },
        ...{ token_hash: `${ada.team.id}-${n}`, email: `guest-${n}@example.com` },
      });
    for (let n = 0; n < MAX_INVITATIONS; n += 1) await insert(n, "2999-01-01T00:00:00.000Z");
    const body = { email: "one-too-many@example.com" };
    const asked = { token: ada.access_token, body };

    expect((await problemOf(await ask("/api/organization/invitations", asked))).code).toBe(
      "quota_exceeded",
    );
    await db.update(invitations).set({ expires_at: "2000-01-01T00:00:00.000Z" });
    expect((await ask("/api/organization/invitations", asked)).status).toBe(201);
  });
});

describe("an invitation", () => {
  it("is shown once, kept as a hash alone, and gone when accepted", async () => {
    const ada = await foundTeam();
    const bob = await somebody();
    const { token, expires_at } = await invite(ada, bob.user.email.toUpperCase(), "admin");
    const before = JSON.stringify(await db.select().from(invitations));
    const team = await (await accept(bob, token)).json();

    expect(token).toMatch(/^apx_inv_[\w-]{43}$/);
    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(WEEK_MS - 60_000);
    expect(before).toContain(bob.user.email);
    expect(before).not.toContain(token.slice(8));
    expect(team).toEqual({ ...ada.team, role: "admin" });
    expect(JSON.stringify(await db.select().from(invitations))).not.toContain(bob.user.email);
  });

  it("lets in once, also where it is accepted many times at once", async () => {
    const ada = await foundTeam();
    const bob = await somebody();
    const { token } = await invite(ada, bob.user.email);
    const answers = await Promise.all([1, 2, 3].map(() => accept(bob, token)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await joinTeam(ada)).user.organization_id).toBe(ada.team.id);
  });
});
