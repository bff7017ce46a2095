/** Signing in to a connected server by OAuth, over real HTTP: from the refusal to a call of its tool, and to the end. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { McpServerHealth } from "../../../src/protocol/mcp-servers.ts";
import {
  begin,
  checked,
  comeBack,
  goThere,
  type Protected,
  problemIn,
  signIn,
  startProtected,
  told,
} from "./sign-in-browser.ts";
import { ANSWER, calls, Stage } from "./stage.ts";

let stage: Stage;
let there: Protected;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());
beforeEach(async () => {
  there = await startProtected();
});
afterEach(() => there.close());

const renewals = () =>
  there.authority.seen.filter(({ fields }) => fields.get("grant_type") === "refresh_token").length;
const SAY = calls("mcp_remote_echo", { message: "a word of mine" });

describe("A server that asks for a sign-in", () => {
  test("says so when it is connected; once signed in to, a run calls its tool", async () => {
    const { remote, authority } = there;
    const { person, server } = await stage.personWith(remote.url);
    expect(server).toMatchObject({
      health: "failing",
      breaker: "closed",
      sign_in: "needed",
      signs_in_at: null,
      problem: "It asks you to sign in to it.",
    });

    const way = await goThere(person, server.id);
    const asked = authority.seen.find(({ path }) => path === "/authorize")?.fields;
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      response_type: "code",
      resource: remote.url,
      scope: "tools offline_access",
      code_challenge_method: "S256",
      redirect_uri: `${person.url}/api/mcp/sign-in/callback`,
    });
    const back = await comeBack(way);
    expect(back.status).toBe(302);
    expect(back.headers.get("location")).toBe("/settings/servers");
    expect(await told(person, server.id)).toMatchObject({
      health: "healthy",
      sign_in: "signed_in",
      signs_in_at: authority.issuer,
      tool_count: 1,
      problem: null,
    });

    const { calls: made, end } = await stage.runWith(person, [SAY], ["approved"]);
    expect(made).toMatchObject([{ tool_name: "mcp_remote_echo", status: "succeeded" }]);
    expect(made[0]?.results).toMatchObject({ text: expect.stringContaining("a word of mine") });
    expect(end.data).toMatchObject({ status: "completed", final_response: ANSWER });
  });

  test("is signed in to with a client of the user's, where it registers nobody", async () => {
    const { authority, remote } = there;
    delete authority.metadata.registration_endpoint;
    const { person, server } = await stage.personWith(remote.url);
    const refused = await problemIn(await begin(person, server.id));
    expect(refused).toMatchObject({ status: 422, errors: [{ field: "client_id" }] });
    const redirect = `${person.url}/api/mcp/sign-in/callback`;
    expect(refused.detail).toContain(redirect);
    authority.clients.set("by-hand", { secret: "hand's secret", redirectUris: [redirect] });
    const given = { client_id: "by-hand", client_secret: "hand's secret" };
    expect(await signIn(person, server.id, given)).toMatchObject({ sign_in: "signed_in" });
  });

  test("is told from one that refuses the secret it was given", async () => {
    const person = await stage.person();
    const body = { name: "remote", url: there.remote.url, secret: "not-the-right-one" };
    const answer = await person.request("POST", "/api/mcp/servers", body);
    const { id, ...server } = McpServerHealth.parse(await answer.json());
    expect(server).toMatchObject({
      sign_in: "none",
      problem: "It refuses the secret it is shown.",
    });
    expect(await problemIn(await begin(person, id))).toMatchObject({
      status: 422,
      errors: [{ field: "secret" }],
    });
    await person.request("PATCH", `/api/mcp/servers/${id}`, { secret: null });
    expect(await signIn(person, id)).toMatchObject({ sign_in: "signed_in", has_secret: false });
    await person.request("PATCH", `/api/mcp/servers/${id}`, { secret: "another" });
    expect(await told(person, id)).toMatchObject({ sign_in: "none", has_secret: true });
  });

  test("and then asks for none any more is well without", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    expect(server).toMatchObject({ sign_in: "needed" });
    there.remote.protection = null;
    expect(await checked(person, server.id)).toMatchObject({ health: "healthy", sign_in: "none" });
  });

  test("keeps its tokens to itself: no answer and no export has them", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    const texts = await Promise.all(
      ["/api/mcp/servers", "/api/account/export", "/api/account/audit"].map(async (path) =>
        (await person.request("GET", path)).text(),
      ),
    );
    expect(texts[1]).toContain('"sign_in":"signed_in"');
    expect(texts[2]).toContain("mcp_server_signed_in");
    expect(there.authority.issued.length).toBeGreaterThan(0);
    for (const token of there.authority.issued) {
      for (const text of texts) expect(text).not.toContain(token);
    }
  });
});

describe("Tokens are renewed", () => {
  test("once at a refusal, however many calls meet it at once, though each renewal rotates", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    there.authority.expire();
    const states = await Promise.all(Array.from({ length: 8 }, () => checked(person, server.id)));
    expect(states.map(({ health, sign_in }) => [health, sign_in])).toEqual(
      states.map(() => ["healthy", "signed_in"]),
    );
    expect(renewals()).toBe(1);
    there.authority.expire();
    expect(await checked(person, server.id)).toMatchObject({ health: "healthy" });
    expect(renewals()).toBe(2);
  });

  test("in the middle of a run, whose call does not fail of it", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    there.authority.expire();
    const { calls: made } = await stage.runWith(person, [SAY], ["approved"]);
    expect(made).toMatchObject([{ status: "succeeded" }]);
    expect(renewals()).toBe(1);
  });

  test("and kept, though the visit is over by the time that the server answers", async () => {
    const { remote, authority } = there;
    const { person, server } = await stage.personWith(remote.url);
    await signIn(person, server.id);
    authority.expire();
    const answering = Promise.withResolvers<void>();
    authority.held.set("/token", answering.promise);
    // A renewal that begins late has time when the visit has none any more.
    const { protection } = remote;
    remote.protection = protection && { ...protection, refusesAfter: 2_000 };
    expect(await checked(person, server.id)).toMatchObject({ health: "failing" });
    expect(renewals()).toBe(1);
    // What goes with the request is gone by now.
    await new Promise((resolve) => setTimeout(resolve, 300));
    answering.resolve();
    remote.protection = protection;
    expect(await checked(person, server.id)).toMatchObject({ health: "healthy" });
    expect(renewals()).toBe(1);
  });

  test("before they run out, so that the server never sees an old one", async () => {
    there.authority.lifetime = 2;
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    const [first] = there.authority.issued;
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const before = there.remote.seen.length;
    expect(await checked(person, server.id)).toMatchObject({ health: "healthy" });
    expect(renewals()).toBe(1);
    const shown = there.remote.seen.slice(before).map(({ secret }) => secret);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).not.toContain(`Bearer ${first}`);
  });

  test("until what was allowed is taken back: then the server says to sign in again", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    there.authority.takeBack();
    expect(await checked(person, server.id)).toMatchObject({
      health: "failing",
      sign_in: "needed_again",
      problem: "Its sign-in is over: sign in to it again.",
    });
    const before = there.remote.seen.length;
    const { calls: made } = await stage.runWith(person, [SAY], ["approved"]);
    expect(made).toMatchObject([{ status: "failed", problem: { code: "tool_failed" } }]);
    expect(there.remote.seen.length).toBe(before);
    expect(await signIn(person, server.id)).toMatchObject({
      health: "healthy",
      sign_in: "signed_in",
    });
  });
});

describe("A sign-in ends", () => {
  test("when its user signs out, or removes the server: its tokens are revoked", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    const path = `/api/mcp/servers/${server.id}`;
    const out = await person.request("DELETE", `${path}/sign-in`);
    expect(await out.json()).toMatchObject({ sign_in: "needed", signs_in_at: null });
    const revoked = () => there.authority.seen.filter(({ path }) => path === "/revoke").length;
    await expect.poll(revoked).toBe(2);
    expect(there.authority.accepts(`Bearer ${there.authority.issued[0]}`)).toBe(false);
    await signIn(person, server.id);
    expect((await person.request("DELETE", path)).status).toBe(204);
    await expect.poll(revoked).toBe(4);
  });

  test("when the server moves: nothing of it is shown at the new address", async () => {
    const { person, server } = await stage.personWith(there.remote.url);
    await signIn(person, server.id);
    const elsewhere = await startProtected();
    try {
      const way = await goThere(person, server.id);
      const url = elsewhere.remote.url;
      const moved = await person.request("PATCH", `/api/mcp/servers/${server.id}`, { url });
      expect(await moved.json()).toMatchObject({ sign_in: "needed", signs_in_at: null });
      expect((await problemIn(await comeBack(way))).code).toBe("sign_in_failed");
      await checked(person, server.id);
      const shown = new Set(elsewhere.remote.seen.map(({ secret }) => secret));
      expect(shown).toEqual(new Set([undefined]));
    } finally {
      await elsewhere.close();
    }
  });
});
