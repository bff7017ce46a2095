/** Workspaces over HTTP: traces come into one, teams share one, and each states prices and a profile of its own. */
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Credentials } from "../../../src/protocol/api.ts";
import { ImportReceipt, UsageImport } from "../../../src/protocol/usage.ts";
import { NO_PROFILE } from "../../../src/usage/workspace.ts";
import { rowsOfDatabase } from "../account/remains.ts";
import { ask, problemOf } from "./ask.ts";
import { asking, lines, NDJSON, START, series, stored } from "./sent-usage.ts";
import { somebody } from "./somebody.ts";
import { foundTeam, joinTeam } from "./team.ts";

let person: Credentials;
beforeAll(async () => {
  person = await somebody();
});

const importing = (body: string, query = "") =>
  asking(person, ImportReceipt, `/api/usage/imports${query}`, { body, headers: NDJSON });

describe("traces", () => {
  it("are taken as an exporter sends them; spans that are wrong are told, others left aside", async () => {
    person = await somebody();
    const span = (id: string, attributes: Record<string, string | number>) => ({
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId: id,
      startTimeUnixNano: "1790000000000000000",
      endTimeUnixNano: "1790000001250500000",
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: typeof value === "number" ? { intValue: `${value}` } : { stringValue: value },
      })),
    });
    const usage = {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5.4",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 10,
    };
    const spans = [
      span("eee19b7ec3c1b174", usage),
      span("eee19b7ec3c1b175", { ...usage, "gen_ai.usage.cache_write.input_tokens": 200 }),
      span("eee19b7ec3c1b176", { ...usage, "gen_ai.operation.name": "invoke_agent" }),
      span("eee19b7ec3c1b177", { "http.method": "GET" }),
    ];
    const body = { resourceSpans: [{ resource: {}, scopeSpans: [{ spans }] }] };
    const answer = await asking(person, z.unknown(), "/v1/traces", { body });
    expect(answer).toEqual({
      partialSuccess: {
        rejectedSpans: "1",
        errorMessage: expect.stringContaining("exceed input_tokens"),
      },
    });
    expect(
      await asking(person, z.unknown(), "/v1/traces", { body: { resourceSpans: [] } }),
    ).toEqual({});
    expect(await stored(person.user.id)).toMatchObject([
      { record_id: "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174", latency_ms: 1250.5 },
    ]);
  });
});

describe("a workspace", () => {
  it("is the team's: its members see the same, and nobody else does", async () => {
    const admin = await foundTeam();
    const member = await joinTeam(admin);
    person = admin;
    await importing(lines(series(3)), "?import_id=shared");
    person = member;
    expect((await importing(lines(series(3)))).import).toMatchObject({ stored: 0, known: 3 });
    expect((await asking(person, UsageImport, "/api/usage/imports/shared", {})).stored).toBe(3);
    expect(await stored(admin.team.id)).toHaveLength(3);
    const stranger = await somebody();
    expect((await ask("/api/usage/imports/shared", { token: stranger.access_token })).status).toBe(
      404,
    );
  });

  it("takes nothing in by a token that is older than its team's end", async () => {
    const admin = await foundTeam();
    const { access_token: token } = await joinTeam(admin);
    await ask("/api/organization", { method: "DELETE", token: admin.access_token });
    const price = {
      provider: "openai",
      model_pattern: "*",
      rates: { input: 1, cache_read: 0, cache_write: 0, output: 2 },
      valid_from: "2026-10-01T00:00:00.000Z",
      source: "contract",
    };

    for (const asked of [
      ask("/api/usage/records", { token, body: { records: series(2) } }),
      ask("/api/usage/imports", { token, body: lines(series(2)), headers: NDJSON }),
      ask("/api/usage/prices", { token, body: price }),
      ask("/api/usage/profile", { token, method: "PUT", body: NO_PROFILE }),
    ]) {
      expect(await problemOf(await asked)).toMatchObject({ status: 401, code: "token_expired" });
    }
    const rows = (await rowsOfDatabase()).filter((row) => row.startsWith("D1 usage_"));
    expect(rows.filter((row) => row.includes(admin.team.id))).toEqual([]);
  });

  it("states its profile, and sends evaluations, wrong ones told", async () => {
    person = await somebody();
    const profile = {
      name: "Ada's",
      hourly_rate_usd: 90,
      implementation_hours: { batch: 8 },
      running_cost_monthly_usd: null,
      monthly_budget_usd: null,
      duplicates_allowed_features: [],
    };
    const token = person.access_token;
    expect((await ask("/api/usage/profile", { method: "PUT", token, body: profile })).status).toBe(
      200,
    );
    expect(await asking(person, z.unknown(), "/api/usage/profile", {})).toEqual(profile);
    const item = {
      evaluation_set: "triage",
      item_id: "1",
      ts: START,
      feature: null,
      from_model: "a",
      to_model: "b",
      from_passed: 1,
      to_passed: 0,
      from_latency_ms: null,
      to_latency_ms: 5,
    };
    const body = { evaluations: [item, { ...item, item_id: "2", to_passed: 2 }] };
    expect(await asking(person, z.unknown(), "/api/usage/evaluations", { body })).toMatchObject({
      saved: 1,
      refused: [{ rows: 1, lines: [2] }],
    });
    const asked = { body: lines([item, { ...item, item_id: "3" }]), headers: NDJSON };
    expect(await asking(person, z.unknown(), "/api/usage/evaluations", asked)).toEqual({
      saved: 2,
      refused: [],
    });
  });

  it("has prices of its own: by contract, at the record's time, and stamped", async () => {
    person = await somebody();
    const token = person.access_token;
    const price = {
      provider: "openai",
      model_pattern: "gpt-5.4*",
      rates: { input: 1, cache_read: 0, cache_write: 0, output: 2 },
      valid_from: "2026-10-01T00:00:01.000Z",
      source: "contract 7",
    };
    const made = await ask("/api/usage/prices", { token, body: price });
    expect(made.status).toBe(201);
    const { id } = z.object({ id: z.string() }).parse(await made.json());
    await importing(lines(series(2)));
    const [before, since] = await stored(person.user.id);
    expect(before?.price_version).toBe("genai-prices@0.1.8");
    expect(since).toMatchObject({
      price_version: `override:${id}`,
      cost_computed: (1_000 * 1 + 100 * 2) / 1e6,
    });
    expect(await asking(person, z.unknown(), "/api/usage/prices", {})).toMatchObject({
      data: [{ id, valid_to: null }],
    });
    expect((await ask(`/api/usage/prices/${id}`, { method: "DELETE", token })).status).toBe(204);
    expect((await ask(`/api/usage/prices/${id}`, { method: "DELETE", token })).status).toBe(404);
  });
});
