/** Usage over HTTP where its records are kept in ClickHouse, which is away: told so, and nothing goes to D1 instead. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ImportPreview, UsageImport } from "../../../src/protocol/usage.ts";
import { ask, problemOf } from "./ask.ts";
import { asking, lines, NDJSON, series, stored } from "./sent-usage.ts";
import { somebody } from "./somebody.ts";

/** Nobody listens there. */
const bindings = { ...env, CLICKHOUSE_URL: "http://127.0.0.1:9" };

let person: Credentials;
beforeAll(async () => {
  person = await somebody();
});

const sending = (path: string) => ({
  path,
  asked: { bindings, token: person.access_token, body: lines(series(5)), headers: NDJSON },
});

it.each(["/api/usage/records", "/api/usage/imports?import_id=away"])(
  "%s is unavailable, and says when to try again",
  async (address) => {
    const { path, asked } = sending(address);
    expect(await problemOf(await ask(path, asked))).toMatchObject({
      status: 503,
      code: "unavailable",
      retry_after: 5,
    });
    expect(await stored(person.user.id)).toEqual([]);
  },
);

it("an import that got nowhere says so, and that a batch of it may be on its way", async () => {
  const { path, asked } = sending("/api/usage/imports?import_id=lost");
  await ask(path, asked);
  const { token } = asked;
  const lost = "/api/usage/imports/lost";
  expect(await asking(person, UsageImport, lost, { bindings })).toMatchObject({
    status: "incomplete",
    rows: 0,
  });
  const refused = await problemOf(await ask(lost, { bindings, token, method: "DELETE" }));
  expect(refused).toMatchObject({ status: 409, code: "import_conflict" });
  expect(refused.retry_after).toBeGreaterThan(0);
});

it("an import that is only tried needs no store", async () => {
  const { path, asked } = sending("/api/usage/imports?dry_run=true");
  expect(await asking(person, ImportPreview, path, asked)).toMatchObject({ rows: 5, stored: 5 });
});

it("the quarantine is unavailable, and an export is cut off before its end", async () => {
  const { access_token: token } = person;
  const page = await ask("/api/usage/quarantine", { bindings, token });
  expect((await problemOf(page)).code).toBe("unavailable");
  const exported = await (await ask("/api/account/export", { bindings, token })).text();
  expect(exported).toContain('"kind":"export"');
  expect(exported).not.toContain('"kind":"end"');
});
