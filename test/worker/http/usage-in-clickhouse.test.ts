/** Usage over HTTP where its records are kept in ClickHouse: refused, before anything is lost in D1. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ask, problemOf, signUp } from "./ask.ts";

it("refuses records that no tool would ever read", async () => {
  const { access_token: token } = await signUp();
  const bindings = { ...env, CLICKHOUSE_URL: "http://127.0.0.1:8123" };
  const answer = await ask("/api/usage/records", {
    token,
    bindings,
    headers: { "content-type": "application/x-ndjson" },
    body: "{}\n",
  });
  expect(await problemOf(answer)).toMatchObject({ status: 503, code: "misconfigured" });
});
