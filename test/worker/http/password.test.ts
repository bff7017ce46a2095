/** Changing a password: who knows the old one, and nobody else; and all other sessions end. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { ask, problemOf, signUp } from "./ask.ts";
import { somebody } from "./somebody.ts";

const PASSWORD = "/api/account/password";
const NEW = "a new password";

// Each password costs a slow hash, and that is the point of it.
vi.setConfig({ testTimeout: 30_000 });

let owner: Awaited<ReturnType<typeof signUp>>;
beforeEach(async () => {
  owner = await signUp();
});

function change(current_password: string, token = owner.access_token): Promise<Response> {
  return ask(PASSWORD, { body: { current_password, new_password: NEW }, token });
}

function login(password: string): Promise<Response> {
  return ask("/api/auth/login", { body: { email: owner.user.email, password } });
}

async function isLive({ refresh_token }: Credentials): Promise<boolean> {
  return (await ask("/api/auth/refresh", { body: { refresh_token } })).status === 200;
}

async function actions(): Promise<unknown[]> {
  const rows = await env.DB.prepare("SELECT action FROM audit_events WHERE user_id = ? ORDER BY id")
    .bind(owner.user.id)
    .all();
  return rows.results.map(({ action }) => action);
}

describe("a new password", () => {
  it("is refused to who does not know the old one, and the audit log has the attempt", async () => {
    expect(await problemOf(await change("wrong password"))).toMatchObject({
      status: 401,
      code: "credentials_invalid",
      detail: "The current password is another one.",
    });
    const { results } = await env.DB.prepare(
      "SELECT by FROM audit_events WHERE user_id = ? AND action = 'sign_in_failed'",
    )
      .bind(owner.user.id)
      .all();
    expect(results).toEqual([{ by: expect.stringMatching(/^session:/) }]);
    expect((await login(owner.password)).status).toBe(200);
  });

  it.each([
    [{ new_password: NEW }, "current_password"],
    [{ current_password: "x", new_password: "short" }, "new_password"],
    [{ current_password: "x", new_password: NEW, user_id: "eve" }, "user_id"],
  ])("is refused with a body at fault, which is named: %j", async (body, field) => {
    const problem = await problemOf(await ask(PASSWORD, { body, token: owner.access_token }));

    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
  });

  it("is refused for an account that has none, and the reason is told", async () => {
    const { access_token } = await somebody();
    const problem = await problemOf(await change("any password", access_token));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(problem.detail).toContain("no password");
  });

  it("takes the place of the old one, and ends every session but the one that asks", async () => {
    const other = Credentials.parse(await (await login(owner.password)).json());

    expect((await change(owner.password)).status).toBe(204);

    expect(await isLive(other)).toBe(false);
    expect(await isLive(owner)).toBe(true);
    expect((await login(owner.password)).status).toBe(401);
    expect((await login(NEW)).status).toBe(200);
    expect(await actions()).toEqual(expect.arrayContaining(["password_changed", "session_ended"]));
  });
});

describe("guessing at a password", () => {
  it("is slowed down, also by way of a change; the right one is let in and clears the count", async () => {
    const slept = vi.spyOn(systemClock, "sleep").mockResolvedValue();
    for (let times = 0; times < 4; times += 1) await login("wrong password");
    await change("wrong password");

    expect(slept.mock.calls).toEqual([[250], [500]]);
    expect((await login(owner.password)).status).toBe(200);
    expect(slept.mock.calls).toEqual([[250], [500], [1_000]]);
    expect((await login(owner.password)).status).toBe(200);
    expect(slept).toHaveBeenCalledTimes(3);
  });
});
