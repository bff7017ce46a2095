/** Usage over HTTP: sent as records, as files and as traces; counted once, taken back as a whole, and nobody else's. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Credentials } from "../../../src/protocol/api.ts";
import {
  ImportPreview,
  ImportReceipt,
  IntakeReceipt,
  QuarantinePage,
  UsageImport,
} from "../../../src/protocol/usage.ts";
import { BATCH_ROWS } from "../../../src/usage/import/batches.ts";
import { type Asked, ask, problemOf } from "./ask.ts";
import { tokenWith } from "./scoped-token.ts";
import { somebody } from "./somebody.ts";
import { foundTeam, joinTeam } from "./team.ts";

let person: Credentials;
beforeAll(async () => {
  person = await somebody();
});

const START = Date.UTC(2026, 9, 1);

function record(index: number, changes: object = {}) {
  return {
    record_id: `record-${index}`,
    ts: START + index * 1_000,
    provider: "openai",
    request_model: "gpt-5.4",
    input_tokens: 1_000,
    output_tokens: 100,
    ...changes,
  };
}

const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const series = (length: number) => Array.from({ length }, (_, index) => record(index));
const NDJSON = { "content-type": "application/x-ndjson" };

const Rows = z.array(
  z.looseObject({
    record_id: z.string(),
    workspace_id: z.string(),
    price_version: z.string(),
    cost_computed: z.number().nullable(),
  }),
);

async function stored(workspaceId: string) {
  const query = env.DB.prepare(
    "SELECT * FROM usage_records WHERE workspace_id = ? ORDER BY ts, record_id",
  );
  return Rows.parse((await query.bind(workspaceId).all()).results);
}

async function asking<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  asked: Asked,
): Promise<z.output<Schema>> {
  const response = await ask(path, { token: person.access_token, ...asked });
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return schema.parse(body);
}

const file = (body: string, query = "", headers: Record<string, string> = NDJSON) => ({
  path: `/api/usage/imports${query}`,
  asked: { body, headers },
});
const importing = (body: string, query = "", headers?: Record<string, string>) => {
  const { path, asked } = file(body, query, headers);
  return asking(ImportReceipt, path, asked);
};

describe("records that are sent", { timeout: 30_000 }, () => {
  it("are refused without the permission, and without a body", async () => {
    const token = await tokenWith(person, ["usage:read"]);
    const body = { records: [record(1)] };
    expect((await problemOf(await ask("/api/usage/records", { token, body }))).code).toBe(
      "forbidden",
    );
    const { access_token } = person;
    for (const empty of [{}, { records: [] }]) {
      expect(
        (await problemOf(await ask("/api/usage/records", { token: access_token, body: empty })))
          .code,
      ).toBe("invalid_fields");
    }
    const text = { token: access_token, body: "x", headers: { "content-type": "text/plain" } };
    expect((await problemOf(await ask("/api/usage/records", text))).code).toBe(
      "unsupported_media_type",
    );
  });

  it("count once, and those that are wrong are set aside by name", async () => {
    person = await somebody();
    const body = {
      records: [
        record(1),
        record(2, { cache_read_tokens: 5_000 }),
        { hello: 1 },
        record(3, { workspace_id: "theirs" }),
      ],
    };
    const receipt = await asking(IntakeReceipt, "/api/usage/records", { body });
    expect(receipt).toMatchObject({ rows: 4, stored: 1, known: 0, quarantined: 3 });
    expect(receipt.refused.map(({ reason }) => reason).join()).toContain(
      "workspace_id: names a workspace that is not yours",
    );
    expect(await asking(IntakeReceipt, "/api/usage/records", { body })).toMatchObject({
      stored: 0,
      known: 1,
    });
    expect(await stored(person.user.id)).toMatchObject([
      { record_id: "record-1", price_version: "genai-prices@0.1.8" },
    ]);

    const first = await asking(QuarantinePage, "/api/usage/quarantine?limit=2", {});
    expect(first.data).toHaveLength(2);
    const rest = await asking(
      QuarantinePage,
      `/api/usage/quarantine?limit=2&cursor=${first.next_cursor}`,
      {},
    );
    expect(rest.next_cursor).toBeNull();
    expect([...first.data, ...rest.data].map(({ line }) => line).toSorted()).toEqual([2, 3, 4]);

    await asking(IntakeReceipt, "/api/usage/records", { body: { records: [record(2)] } });
    const left = await asking(QuarantinePage, "/api/usage/quarantine", {});
    expect(left.data.map(({ record_id }) => record_id)).not.toContain("record-2");
  });

  it("may be lines, streamed, and more than any JSON body", async () => {
    person = await somebody();
    const many = series(BATCH_ROWS + 500);
    const asked = { body: new Blob([lines(many)]).stream(), headers: NDJSON };
    expect(await asking(IntakeReceipt, "/api/usage/records", asked)).toMatchObject({
      rows: many.length,
      stored: many.length,
    });
    expect(await stored(person.user.id)).toHaveLength(many.length);
  });
});

describe("an import", { timeout: 30_000 }, () => {
  it("that is only tried shows what it would do, and does nothing", async () => {
    person = await somebody();
    const rows = [
      ...series(7),
      record(9, { output_tokens: -1 }),
      record(10, { request_model: "unheard-of", cost_reported: 2 }),
    ];
    const { path, asked } = file(lines(rows), "?dry_run=true");
    const preview = await asking(ImportPreview, path, asked);
    expect(preview).toMatchObject({
      format: "apex",
      rows: 9,
      stored: 8,
      quarantined: 1,
      unpriced: 1,
      reported_usd: 2,
      first_at: "2026-10-01T00:00:00.000Z",
    });
    expect(preview.refused).toMatchObject([{ rows: 1, lines: [8] }]);
    expect(preview.examples).toHaveLength(5);
    expect(await stored(person.user.id)).toEqual([]);
  });

  it("changes nothing twice, whole or under its id", async () => {
    person = await somebody();
    const text = lines(series(50));
    const first = await importing(text, "?import_id=mine");
    expect(first.import).toMatchObject({
      id: "mine",
      status: "complete",
      rows: 50,
      stored: 50,
      known: 0,
    });
    const before = await stored(person.user.id);
    expect((await importing(text, "?import_id=mine")).import).toEqual(first.import);
    expect((await importing(text)).import).toMatchObject({ stored: 0, known: 50 });
    expect(await stored(person.user.id)).toEqual(before);
  });

  it("that was cut off goes on where it was, and another file under its id is refused", async () => {
    person = await somebody();
    const many = series(2 * BATCH_ROWS + 10);
    const text = lines(many);
    const torn = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text.slice(0, Math.floor(text.length * 0.7))));
      },
      pull: (controller) => controller.error(new Error("the connection was lost")),
    });
    const cut = await ask("/api/usage/imports?import_id=torn", {
      token: person.access_token,
      body: torn,
      headers: NDJSON,
    });
    expect((await problemOf(cut)).code).toBe("malformed_body");
    expect(cut.headers.get("location")).toBe("/api/usage/imports/torn");
    const half = await asking(UsageImport, "/api/usage/imports/torn", {});
    expect(half).toMatchObject({ status: "incomplete", rows: BATCH_ROWS, stored: BATCH_ROWS });

    const other = await ask("/api/usage/imports?import_id=torn", {
      token: person.access_token,
      body: lines(series(3)),
      headers: NDJSON,
    });
    expect((await problemOf(other)).code).toBe("import_conflict");
    const { import: whole } = await importing(text, "?import_id=torn");
    expect(whole).toMatchObject({
      status: "complete",
      rows: many.length,
      stored: many.length,
      known: 0,
    });
    expect(await stored(person.user.id)).toHaveLength(many.length);
  });

  it("is taken back as a whole, and leaves what was there before", async () => {
    person = await somebody();
    await importing(lines(series(5)), "?import_id=older");
    await importing(lines([...series(20), { broken: true }]), "?import_id=newer&format=apex");
    const token = person.access_token;
    expect((await ask("/api/usage/imports/newer", { method: "DELETE", token })).status).toBe(204);
    expect((await stored(person.user.id)).map(({ record_id }) => record_id)).toHaveLength(5);
    expect((await asking(QuarantinePage, "/api/usage/quarantine", {})).data).toEqual([]);
    expect((await ask("/api/usage/imports/newer", { method: "DELETE", token })).status).toBe(404);
    expect((await ask("/api/usage/imports/newer", { token })).status).toBe(404);
    const { import: again } = await importing(lines(series(20)), "?import_id=newer");
    expect(again).toMatchObject({ stored: 15, known: 5 });
  });

  it("tells its progress as events", async () => {
    person = await somebody();
    const { path, asked } = file(lines(series(BATCH_ROWS + 1)), "?import_id=told", {
      ...NDJSON,
      accept: "text/event-stream",
    });
    const told = await (await ask(path, { token: person.access_token, ...asked })).text();
    expect(told.match(/^event: .*/gm)).toEqual([
      "event: import_progress",
      "event: import_progress",
      "event: import_completed",
    ]);
    const broken = { ...asked, body: lines(series(2)) };
    const failed = await (await ask(path, { token: person.access_token, ...broken })).text();
    expect(failed).toContain('"code":"import_conflict"');
  });

  it("of a table goes by the columns that are named, in a charset that is stated", async () => {
    person = await somebody();
    const map = {
      columns: {
        ts: "Zeit",
        request_model: "Modell",
        input_tokens: "Eingabe",
        cache_read_tokens: "Puffer",
        output_tokens: "Ausgabe",
        feature: "Merkmal",
      },
      constants: { provider: "openai" },
      cached: "separate",
    };
    const csv =
      "Zeit;Modell;Eingabe;Puffer;Ausgabe;Merkmal\r\n2026-10-01;gpt-5.4;10;90;5;Übersicht\r\n";
    const bytes = new Uint8Array([...csv].map((letter) => letter.charCodeAt(0)));
    const path = `/api/usage/imports?format=csv&column_map=${encodeURIComponent(JSON.stringify(map))}`;
    const headers = { "content-type": "text/csv; charset=iso-8859-1" };
    expect(
      (await asking(ImportReceipt, path, { body: new Blob([bytes]).stream(), headers })).import
        .stored,
    ).toBe(1);
    expect(await stored(person.user.id)).toMatchObject([
      { feature: "Übersicht", input_tokens: 100, cache_read_tokens: 90 },
    ]);
  });

  it("is refused where its query is wrong, or it is packed", async () => {
    const token = person.access_token;
    for (const query of ["?format=word", "?column_map={", "?column_map={}", "?import_id=a/b"]) {
      expect(
        (await problemOf(await ask(`/api/usage/imports${query}`, { token, body: "x" }))).code,
      ).toBe("invalid_fields");
    }
    const packed = await ask("/api/usage/imports", {
      token,
      body: "x",
      headers: { "content-encoding": "gzip" },
    });
    expect((await problemOf(packed)).code).toBe("unsupported_media_type");
  });
});

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
    const answer = await asking(z.unknown(), "/v1/traces", { body });
    expect(answer).toEqual({
      partialSuccess: {
        rejectedSpans: "1",
        errorMessage: expect.stringContaining("exceed input_tokens"),
      },
    });
    expect(await asking(z.unknown(), "/v1/traces", { body: { resourceSpans: [] } })).toEqual({});
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
    expect((await asking(UsageImport, "/api/usage/imports/shared", {})).stored).toBe(3);
    expect(await stored(admin.team.id)).toHaveLength(3);
    const stranger = await somebody();
    expect((await ask("/api/usage/imports/shared", { token: stranger.access_token })).status).toBe(
      404,
    );
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
    expect(await asking(z.unknown(), "/api/usage/profile", {})).toEqual(profile);
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
    expect(await asking(z.unknown(), "/api/usage/evaluations", { body })).toMatchObject({
      saved: 1,
      refused: [{ rows: 1, lines: [2] }],
    });
    const asked = { body: lines([item, { ...item, item_id: "3" }]), headers: NDJSON };
    expect(await asking(z.unknown(), "/api/usage/evaluations", asked)).toEqual({
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
    expect(await asking(z.unknown(), "/api/usage/prices", {})).toMatchObject({
      data: [{ id, valid_to: null }],
    });
    expect((await ask(`/api/usage/prices/${id}`, { method: "DELETE", token })).status).toBe(204);
    expect((await ask(`/api/usage/prices/${id}`, { method: "DELETE", token })).status).toBe(404);
  });
});
