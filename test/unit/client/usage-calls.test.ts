/** The calls about usage: a file tried, taken in as its events tell, and what becomes of a broken stream. */
import { beforeEach, describe, expect, test } from "vitest";
import { ApexClient } from "../../../src/client/apex-client.ts";
import { ImportPreview, Prices, QuarantinePage, UsageImport } from "../../../src/protocol/usage.ts";
import { AT, problem, USER } from "./frames.ts";
import { ScriptedServer } from "./scripted-server.ts";

const FILE = new Blob(["{}"], { type: "application/octet-stream" });
const IMPORT = "POST /api/usage/imports";
const counts = { rows: 2, stored: 1, known: 0, duplicates: 0, ignored: 0, quarantined: 1 };
const refused = [
  { reason: "is no record", faults: [{ code: "not_an_object" }], rows: 1, lines: [2] },
];
const preview = ImportPreview.parse({
  dry_run: true,
  format: "apex",
  ...counts,
  refused,
  examples: [{ record_id: "r1" }],
  first_at: AT,
  last_at: AT,
  reported_usd: 0,
  computed_usd: 1.5,
  unpriced: 0,
});
const progress = UsageImport.parse({
  id: "i1",
  format: "apex",
  status: "incomplete",
  under_way: true,
  file_name: "november.csv",
  ...counts,
  first_at: AT,
  last_at: AT,
  created_at: AT,
  updated_at: AT,
});
const price = {
  id: "p1",
  provider: "openai",
  model_pattern: "gpt-5*",
  service_tier: "standard",
  rates: { input: 1, cache_read: 1, cache_write: 1, output: 1 },
  valid_from: AT,
  valid_to: null,
  source: "Contract",
  checked_at: AT,
};

let server: ScriptedServer;
let client: ApexClient;
let signal: AbortSignal;

beforeEach(async () => {
  server = new ScriptedServer();
  client = new ApexClient({ baseUrl: "http://server.test", fetch: server.fetch });
  await client.devLogin({ email: USER.email });
  signal = new AbortController().signal;
});

function says(...events: readonly object[]): string {
  return events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

async function importAll(): Promise<unknown[]> {
  const told: unknown[] = [];
  for await (const each of client.usage.import(FILE, { import_id: "i1" }, signal)) told.push(each);
  return told;
}

describe("a preview", () => {
  test("is refused with the server's own problem", async () => {
    server.routes.set(IMPORT, () => ({ status: 422, body: problem("invalid_fields", 422) }));
    await expect(client.usage.preview(FILE, {}, signal)).rejects.toMatchObject({
      code: "invalid_fields",
    });
  });

  test("of another form is not believed", async () => {
    server.routes.set(IMPORT, () => ({ status: 200, body: { ...preview, dry_run: false } }));
    await expect(client.usage.preview(FILE, {}, signal)).rejects.toMatchObject({
      code: "internal",
    });
  });

  test("stores nothing, and says what would be", async () => {
    server.routes.set(IMPORT, () => ({ status: 200, body: preview }));
    expect(await client.usage.preview(FILE, { format: "csv" }, signal)).toEqual(preview);
    expect(server.requests.at(-1)?.url).toContain("format=csv&dry_run=true");
  });
});

describe("an import", () => {
  test.each([
    [
      "breaks off before its end",
      says({ type: "import_progress", import: progress }),
      "unavailable",
    ],
    [
      "fails on the way",
      says({ type: "import_failed", code: "import_conflict", detail: "Another.", import_id: "i1" }),
      "import_conflict",
    ],
    [
      "fails in a way that only a newer side knows",
      says({ type: "import_failed", code: "of_2027", detail: "New.", import_id: "i1" }),
      "internal",
    ],
    ["tells what is no event of it", says({ type: "import_progress", import: {} }), "internal"],
  ])("that %s throws", async (_how, body, code) => {
    server.routes.set(IMPORT, () => ({ status: 200, body }));
    await expect(importAll()).rejects.toMatchObject({ code });
  });

  test("that ends before its file does throws what stands of it", async () => {
    const stands = { id: "i1", status: "incomplete", rows: 2_000, stored: 1_999 };
    const failed = {
      type: "import_failed",
      code: "too_large",
      detail: "Too large.",
      import_id: "i1",
    };
    server.routes.set(IMPORT, () => ({ status: 200, body: says({ ...failed, import: stands }) }));
    await expect(importAll()).rejects.toMatchObject({ code: "too_large", cutImport: stands });
  });

  test("whose connection is lost says that it can go on", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new TypeError("network"));
      },
    });
    server.routes.set(IMPORT, () => ({ status: 200, body }));
    await expect(importAll()).rejects.toMatchObject({
      code: "unavailable",
      message: "The import broke off. Import the same file again to go on.",
    });
  });

  test("tells how far it is, and what it came to", async () => {
    const events = [
      { type: "import_progress", import: progress },
      { type: "import_completed", import: { ...progress, status: "complete" }, refused },
    ];
    server.routes.set(IMPORT, () => ({ status: 200, body: says(...events) }));
    expect(await importAll()).toEqual(events);
    expect(server.requests.at(-1)?.url).toContain("import_id=i1");
  });

  test("is taken back, and looked at", async () => {
    server.routes.set("GET /api/usage/imports/i1", () => ({ status: 200, body: progress }));
    server.routes.set("DELETE /api/usage/imports/i1", () => ({ status: 204 }));
    expect(await client.usage.getImport("i1")).toEqual(progress);
    expect(await client.usage.takeBack("i1")).toBeUndefined();
  });
});

test("what was set aside is listed with its reasons", async () => {
  const page = QuarantinePage.parse({
    data: [{ record_id: "r", reason: "is none", line: 2, import_id: "i1", record: { a: 1 } }],
    has_more: false,
    next_cursor: null,
  });
  server.routes.set("GET /api/usage/quarantine", () => ({ status: 200, body: page }));
  expect(await client.usage.quarantine({ limit: 1 })).toEqual(page);
});

test("prices of one's own are listed, added and removed", async () => {
  const prices = Prices.parse({ data: [price] });
  server.routes.set("GET /api/usage/prices", () => ({ status: 200, body: prices }));
  server.routes.set("POST /api/usage/prices", () => ({ status: 201, body: price }));
  server.routes.set("DELETE /api/usage/prices/p1", () => ({ status: 204 }));
  expect(await client.usage.prices()).toEqual(prices);
  const { id: _id, checked_at: _at, ...body } = price;
  expect(await client.usage.addPrice(body)).toEqual(price);
  expect(await client.usage.removePrice("p1")).toBeUndefined();
});

test("a tool is called with its arguments, without an agent", async () => {
  const body = {
    call_id: "c1",
    tool_name: "usage_summary",
    duration_ms: 2,
    output: { n_records: 3 },
    findings: [],
    degraded: null,
  };
  server.routes.set("POST /api/tools/usage_summary/execute", () => ({ status: 200, body }));
  expect(await client.tools.execute("usage_summary", { workspace: "own" })).toEqual(body);
  expect(server.requests.at(-1)?.body).toEqual({ arguments: { workspace: "own" } });
});
