/** Teams over HTTP: who may do what to whom, and that a team is never left without an admin. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/protocol/api.ts";
import { Members, Organization } from "../../../src/protocol/organization.ts";
import { IntakeReceipt } from "../../../src/protocol/usage.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { auditEvents, organizations } from "../../../src/store/tables.ts";
import { beginThread } from "../thread/conversation.ts";
import { ask, problemOf } from "./ask.ts";
import { knock } from "./knock.ts";
import { asking, record, stored } from "./sent-usage.ts";
import { somebody } from "./somebody.ts";
import { foundTeam, invite, joinTeam, refreshed } from "./team.ts";

const PATH = "/api/organization";
const db = openDatabase(env.DB);

const as = ({ access_token: token }: Credentials, method: string, path = "", body?: object) =>
  ask(PATH + path, { token, method, ...(body && { body }) });

const setRole = (actor: Credentials, whom: Credentials, role: string) =>
  as(actor, "PATCH", `/members/${whom.user.id}`, { role });

const remove = (actor: Credentials, whom: Credentials) =>
  as(actor, "DELETE", `/members/${whom.user.id}`);

async function rolesOf(who: Credentials): Promise<Record<string, string>> {
  const { data } = Members.parse(await (await as(who, "GET", "/members")).json());
  return Object.fromEntries(data.map(({ user_id, role }) => [user_id, role]));
}

async function codeOf(answer: Promise<Response>): Promise<string> {
  return (await problemOf(await answer)).code;
}

/** An invitation is named by the hash of its token: the address is another person's. */
const HASH = /^[0-9a-f]{64}$/;

describe("who has no team", () => {
  it("finds none, and none to change", async () => {
    const alone = await somebody();

    expect(await codeOf(as(alone, "GET"))).toBe("not_found");
    expect(await codeOf(as(alone, "GET", "/members"))).toBe("not_found");
    expect(await codeOf(remove(alone, alone))).toBe("not_found");
    expect(await codeOf(as(alone, "DELETE"))).toBe("forbidden");
    expect(await codeOf(as(alone, "POST", "/invitations", { email: "a@example.com" }))).toBe(
      "forbidden",
    );
  });

  it.each([{}, { name: " " }, { name: "x".repeat(129) }, { name: "A", tier: "enterprise" }])(
    "makes none of %j",
    async (body) => {
      expect(await codeOf(as(await somebody(), "POST", "", body))).toBe("invalid_fields");
    },
  );
});

describe("a second team", () => {
  it("is refused, and leaves nothing behind", async () => {
    const ada = await foundTeam();
    const before = (await db.select().from(organizations)).length;

    expect(await codeOf(as(ada, "POST", "", { name: "Another" }))).toBe("already_in_team");
    expect(await db.select().from(organizations)).toHaveLength(before);
  });

  it("is refused to who asks for two at once", async () => {
    const ada = await somebody();
    const asked = ["one", "two", "three"].map((name) => as(ada, "POST", "", { name }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);

    expect(statuses.toSorted()).toEqual([201, 409, 409]);
  });
});

describe("a member who is no admin", () => {
  it("may neither delete the team, nor invite, nor change or remove others", async () => {
    const ada = await foundTeam();
    const [bob, eve] = [await joinTeam(ada), await joinTeam(ada)];

    for (const answer of [
      as(bob, "DELETE"),
      as(bob, "POST", "/invitations", { email: "a@example.com" }),
      setRole(bob, bob, "admin"),
      setRole(bob, ada, "member"),
      remove(bob, eve),
      remove(bob, ada),
    ]) {
      expect(await codeOf(answer)).toBe("forbidden");
    }
    expect(Object.values(await rolesOf(bob)).toSorted()).toEqual(["admin", "member", "member"]);
  });

  it("is one from the moment of the demotion, whatever the token says", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada, "admin");
    expect((await setRole(ada, bob, "member")).status).toBe(204);

    for (const answer of [
      as(bob, "DELETE"),
      as(bob, "POST", "/invitations", { email: "a@example.com" }),
      setRole(bob, bob, "admin"),
      remove(bob, ada),
    ]) {
      expect(await problemOf(await answer)).toMatchObject({
        code: "forbidden",
        detail: expect.stringContaining("Only an admin"),
      });
    }
  });
});

describe("who is in another team", () => {
  it("is like who does not exist", async () => {
    const [ada, eve] = [await foundTeam(), await foundTeam()];

    for (const answer of [setRole(eve, ada, "member"), remove(eve, ada)]) {
      expect(await codeOf(answer)).toBe("not_found");
    }
    for (const id of ["nobody", "x".repeat(65)]) {
      expect(await codeOf(as(eve, "DELETE", `/members/${id}`))).toBe("not_found");
    }
    expect(await rolesOf(ada)).toEqual({ [ada.user.id]: "admin" });
  });
});

describe("the last admin", () => {
  it("can't leave while others remain, nor step down", async () => {
    const ada = await foundTeam();
    await joinTeam(ada);

    expect(await codeOf(remove(ada, ada))).toBe("last_admin");
    expect(await codeOf(setRole(ada, ada, "member"))).toBe("last_admin");
    expect((await rolesOf(ada))[ada.user.id]).toBe("admin");
  });

  it("leaves as the last member, and the team with them", async () => {
    const ada = await foundTeam();
    expect((await remove(ada, ada)).status).toBe(204);

    expect(await codeOf(as(ada, "GET"))).toBe("not_found");
    const left = await db.select().from(organizations);
    expect(left.map(({ id }) => id)).not.toContain(ada.team.id);
  });

  it("leaves the team's usage to those who stay, and none when nobody does", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada, "admin");
    const body = { records: [record(0)] };
    await asking(await refreshed(ada), IntakeReceipt, "/api/usage/records", { body });
    expect((await remove(ada, ada)).status).toBe(204);
    expect(await stored(ada.team.id)).toHaveLength(1);

    expect((await remove(bob, bob)).status).toBe(204);
    expect(await stored(ada.team.id)).toEqual([]);
  });

  it.each<[string, (one: Credentials, other: Credentials) => Promise<Response>]>([
    ["demote each other", (one, other) => setRole(one, other, "member")],
    ["remove each other", (one, other) => remove(one, other)],
    ["leave", (one) => remove(one, one)],
  ])("remains where two admins %s at once, whoever comes first", async (_, deed) => {
    for (let round = 0; round < 2; round += 1) {
      const ada = await foundTeam();
      const bob = await joinTeam(ada, "admin");
      const eve = await joinTeam(ada);
      const answers = await Promise.all([deed(ada, bob), deed(bob, ada)]);

      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      expect(Object.values(await rolesOf(eve))).toContain("admin");
    }
  });
});

describe("a team", () => {
  it("is its maker's to administer, has their tier, and gives it to its members", async () => {
    const body = { email: `mid-${crypto.randomUUID()}@example.com`, tier: "mid" };
    const response = await ask("/api/auth/dev-login", { body });
    const ada = await response.json<Credentials>();
    const made = Organization.parse(await (await as(ada, "POST", "", { name: "Us" })).json());
    const bob = await joinTeam(await refreshed(ada));

    expect(made).toMatchObject({ name: "Us", tier: "mid", role: "admin" });
    expect(bob.user).toMatchObject({ tier: "mid", organization_id: made.id, role: "member" });
    expect(await (await as(bob, "GET")).json()).toEqual({ ...made, role: "member" });
  });

  it("may be left by anybody, who is then on their own", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada);
    expect((await remove(bob, bob)).status).toBe(204);

    expect((await refreshed(bob)).user).toMatchObject({ organization_id: null, role: "member" });
    expect(await rolesOf(ada)).toEqual({ [ada.user.id]: "admin" });
  });

  it("gives its administration on: who was promoted may take out who promoted them", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada);
    await setRole(ada, bob, "admin");
    const promoted = await refreshed(bob);
    expect((await remove(promoted, ada)).status).toBe(204);

    expect(await rolesOf(promoted)).toEqual({ [bob.user.id]: "admin" });
    expect((await refreshed(ada)).user).toMatchObject({ organization_id: null, role: "member" });
  });

  it("is deleted for everybody in it, with its invitations, and nobody stays an admin", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada, "admin");
    await invite(ada, "late@example.com");
    expect((await as(ada, "DELETE")).status).toBe(204);

    for (const who of [ada, bob]) {
      expect(await codeOf(as(who, "GET"))).toBe("not_found");
      expect((await refreshed(who)).user).toMatchObject({ organization_id: null, role: "member" });
    }
    const open = await env.DB.prepare("SELECT * FROM invitations WHERE organization_id = ?")
      .bind(ada.team.id)
      .all();
    expect(open.results).toEqual([]);
  });

  it("has every deed in the audit log of who did it, and of whom it was done to", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada);
    const eve = await joinTeam(ada);
    const dan = await joinTeam(ada);
    await setRole(ada, bob, "admin");
    await remove(ada, bob);
    await remove(eve, eve);
    await as(ada, "DELETE");
    const events = await db.select().from(auditEvents);
    const deeds = (who: Credentials) =>
      events
        .filter(
          ({ user_id, action }) => user_id === who.user.id && !/^(account|signed)_/.test(action),
        )
        .map(({ action, subject }) => [action, subject]);

    expect(deeds(ada)).toEqual([
      ["organization_created", ada.team.id],
      ...Array(3).fill(["member_invited", expect.stringMatching(HASH)]),
      ["member_role_changed", bob.user.id],
      ["member_removed", bob.user.id],
      ["organization_deleted", ada.team.id],
    ]);
    expect(deeds(bob)).toEqual([
      ["member_joined", ada.team.id],
      ["member_role_changed", bob.user.id],
      ["member_removed", bob.user.id],
    ]);
    expect(deeds(eve)).toEqual([
      ["member_joined", ada.team.id],
      ["member_left", eve.user.id],
    ]);
    expect(deeds(dan)).toEqual([
      ["member_joined", ada.team.id],
      ["organization_deleted", ada.team.id],
    ]);
  });
});

describe("of a thread in the same team", () => {
  it("nobody but its owner sees or changes anything, on any route, an admin neither", async () => {
    const ada = await foundTeam();
    const bob = await joinTeam(ada);
    const thread = await beginThread(bob);
    const posted = await thread.ask("/messages", { body: { content: "the secret of Bob" } });
    const { run_id, message_id } = await posted.json<{ run_id: string; message_id: string }>();
    const token = ada.access_token;
    const post = (path: string, body: object = {}) => ask(thread.path + path, { token, body });

    for (const answer of [
      ask(thread.path, { token }),
      ask(thread.path, { token, method: "PATCH", body: { title: "mine" } }),
      ask(thread.path, { token, method: "DELETE" }),
      ask(`${thread.path}/messages`, { token }),
      ask(`${thread.path}/events`, { token }),
      ask(`/api/runs/${run_id}`, { token }),
      ask(`/api/runs/${run_id}/cancel`, { token, method: "POST" }),
      post("/messages", { content: "hello" }),
      post("/fork", { message_id }),
      ask(`${thread.path}/ticket`, { token, method: "POST" }),
      knock(`${thread.path}/socket`, { token }),
      knock(`/ws?thread_id=${thread.threadId}`, { token }),
    ]) {
      expect(await codeOf(answer)).toBe("not_found");
    }
    expect(await (await ask("/api/threads", { token })).json()).toMatchObject({ data: [] });
    expect(await thread.messages()).not.toEqual([]);
  });
});
