/** Profile, preferences and discovery: what is one's own is changed in part, what is public is told to anybody. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ServerStatus, Services } from "../../../src/protocol/discovery.ts";
import { User } from "../../../src/protocol/entities.ts";
import { Preferences } from "../../../src/protocol/preferences.ts";
import { fieldsOf } from "../thread/client.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

let ada: Credentials;
beforeEach(async () => {
  ada = await somebody();
});
const as = (path: string, asked: Asked = {}) => ask(path, { token: ada.access_token, ...asked });
const patch = (path: string, body: unknown) => as(path, { method: "PATCH", body });

describe("a change is refused", () => {
  it.each([
    ["/api/me", { name: " " }, "name"],
    ["/api/me", { name: "Ada", tier: "enterprise" }, "tier"],
    ["/api/me", { name: "Ada", role: "admin" }, "role"],
    ["/api/me/preferences", { theme: "pink" }, "theme"],
    ["/api/me/preferences", { time_zone: "Mars/Olympus" }, "time_zone"],
    ["/api/me/preferences", { language: "<script>" }, "language"],
    ["/api/me/preferences", { secret: "x" }, "secret"],
  ])("of %s to %j, by name", async (path, body, field) => {
    expect(fieldsOf(await problemOf(await patch(path, body)))).toEqual([field]);
  });
});

it("a name is changed, for its user alone", async () => {
  const eve = await somebody();
  const user = User.parse(await (await patch("/api/me", { name: "Ada King" })).json());

  expect(user).toEqual({ ...ada.user, name: "Ada King" });
  expect(await (await as("/api/users/me")).json()).toEqual(user);
  const theirs = await ask("/api/me", { token: eve.access_token });
  expect(User.parse(await theirs.json()).name).toBe(eve.user.name);
});

it("preferences begin with what there is for everybody, change in part, and are taken back by null", async () => {
  const path = "/api/me/preferences";
  const kept = async () => Preferences.parse(await (await as(path)).json());
  const first = { theme: "system", language: null, time_zone: null, agent: null };

  expect(await kept()).toEqual(first);
  await Promise.all([patch(path, { theme: "dark" }), patch(path, { time_zone: "Europe/Berlin" })]);
  expect(await kept()).toEqual({ ...first, theme: "dark", time_zone: "Europe/Berlin" });
  await patch(path, { theme: null });
  expect(await kept()).toEqual({ ...first, time_zone: "Europe/Berlin" });
});

it("discovery tells anybody of every way in that is there, and of no other", async () => {
  const { data, aliases } = Services.parse(await (await ask("/api/services")).json());

  expect(data.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["api", "socket", "feed", "chat_stream", "thread_events", "traces"]),
  );
  for (const { path, url } of data) {
    expect(url.endsWith(path)).toBe(true);
    const response = await ask(path.replace("{id}", "nothing"), { method: "OPTIONS" });
    expect([path, response.status]).not.toEqual([path, 404]);
  }
  expect(aliases).toContainEqual({ method: null, path: "/api/me", to: "/api/auth/me" });
});

it("the status tells anybody how the parts are, and which versions are served", async () => {
  const status = ServerStatus.parse(await (await ask("/api/status")).json());

  expect(status).toMatchObject({ environment: "development", api_version: "2026-11-21" });
  expect(status.parts).toMatchObject({ worker: "healthy", database: "healthy" });
});
