/** Usage over HTTP: sent as records and as files, counted once, and taken back as a whole. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Credentials } from "../../../src/protocol/api.ts";
import { WorkspaceId } from "../../../src/protocol/ids.ts";
import {
  ImportPreview,
  ImportReceipt,
  IntakeReceipt,
  QuarantinePage,
  UsageImport,
  UsageImportPage,
} from "../../../src/protocol/usage.ts";
import { keptAnswers } from "../../../src/tools/last-good.ts";
import { BATCH_ROWS } from "../../../src/usage/import/batches.ts";
import { ask, problemOf } from "./ask.ts";
import { tokenWith } from "./scoped-token.ts";
import { asking, lines, NDJSON, record, series, stored } from "./sent-usage.ts";
import { somebody } from "./somebody.ts";

let person: Credentials;
beforeAll(async () => {
  person = await somebody();
});

const file = (body: string, query = "", headers: Record<string, string> = NDJSON) => ({
  path: `/api/usage/imports${query}`,
  asked: { body, headers },
});
const importing = (body: string, query = "") =>
  asking(person, ImportReceipt, `/api/usage/imports${query}`, { body, headers: NDJSON });

const Summary = z.object({ assumptions: z.array(z.string()), summary: z.string() });
const Execution = z.object({ output: Summary });

/** @returns what `usage_summary` says to a person. */
async function summaryOf(of: Credentials) {
  const body = { arguments: {} };
  const { output } = await asking(of, Execution, "/api/tools/usage_summary/execute", { body });
  return output;
}

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
    const receipt = await asking(person, IntakeReceipt, "/api/usage/records", { body });
    expect(receipt).toMatchObject({ rows: 4, stored: 1, known: 0, quarantined: 3 });
    expect(receipt.refused.map(({ reason }) => reason).join()).toContain(
      "workspace_id: names a workspace that is not yours",
    );
    expect(await asking(person, IntakeReceipt, "/api/usage/records", { body })).toMatchObject({
      stored: 0,
      known: 1,
    });
    expect(await stored(person.user.id)).toMatchObject([
      { record_id: "record-1", price_version: "genai-prices@0.1.8" },
    ]);

    const first = await asking(person, QuarantinePage, "/api/usage/quarantine?limit=2", {});
    expect(first.data).toHaveLength(2);
    const rest = await asking(
      person,
      QuarantinePage,
      `/api/usage/quarantine?limit=2&cursor=${first.next_cursor}`,
      {},
    );
    expect(rest.next_cursor).toBeNull();
    expect(
      [...first.data, ...rest.data].map(({ line }) => Number(line)).toSorted((a, b) => a - b),
    ).toEqual([2, 3, 4]);

    await asking(person, IntakeReceipt, "/api/usage/records", { body: { records: [record(2)] } });
    const left = await asking(person, QuarantinePage, "/api/usage/quarantine", {});
    expect(left.data.map(({ record_id }) => record_id)).not.toContain("record-2");
  });

  it("may be lines, streamed, and more than any JSON body", async () => {
    person = await somebody();
    const many = series(BATCH_ROWS + 500);
    const asked = { body: new Blob([lines(many)]).stream(), headers: NDJSON };
    expect(await asking(person, IntakeReceipt, "/api/usage/records", asked)).toMatchObject({
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
    const preview = await asking(person, ImportPreview, path, asked);
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
    const { code, detail, import: stands } = await problemOf(cut);
    expect(code).toBe("malformed_body");
    expect(stands).toEqual({
      id: "torn",
      status: "incomplete",
      rows: BATCH_ROWS,
      stored: BATCH_ROWS,
    });
    expect(detail).toContain("The import torn is incomplete: 2,000 rows of its file are done");
    expect(detail).toContain("or DELETE /api/usage/imports/torn to take it back");
    expect(cut.headers.get("location")).toBe("/api/usage/imports/torn");
    const half = await asking(person, UsageImport, "/api/usage/imports/torn", {});
    expect(half).toMatchObject({ status: "incomplete", rows: BATCH_ROWS, stored: BATCH_ROWS });

    const SAID = "The import torn is incomplete: 2,000 records of it count so far.";
    const said = await summaryOf(person);
    expect(said.assumptions).toContain(SAID);
    expect(said.summary).toContain(SAID);

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
    expect(JSON.stringify(await summaryOf(person))).not.toContain("import torn");
  });

  it("sets a line aside that is no UTF-8, and is whole", async () => {
    person = await somebody();
    const text = lines([record(1), record(2, { feature: "caf@" }), record(3)]);
    const bytes = new TextEncoder().encode(text).map((byte) => (byte === 0x40 ? 0xe9 : byte));
    const asked = { body: new Blob([bytes]).stream(), headers: NDJSON };
    const receipt = await asking(person, ImportReceipt, "/api/usage/imports", asked);
    expect(receipt.import).toMatchObject({ status: "complete", stored: 2, quarantined: 1 });
    expect(receipt.refused).toEqual([
      { reason: "is not UTF-8", faults: [{ code: "not_utf8" }], rows: 1, lines: [2] },
    ]);
  });

  it("is listed, the newest first, page by page and by how it stands", async () => {
    person = await somebody();
    const ids = ["a", "b", "c"];
    for (const id of ids) await importing(lines(series(3)), `?import_id=${id}`);
    await env.DB.prepare(
      "UPDATE usage_imports SET status = 'incomplete' WHERE workspace_id = ? AND import_id = 'b'",
    )
      .bind(person.user.id)
      .run();
    const page = (query: string) =>
      asking(person, UsageImportPage, `/api/usage/imports${query}`, {});
    const first = await page("?limit=2");
    expect(first.data.map(({ id }) => id)).toEqual(["c", "b"]);
    expect(first.has_more).toBe(true);
    const rest = await page(`?limit=2&cursor=${first.next_cursor}`);
    expect(rest).toMatchObject({ data: [{ id: "a" }], has_more: false, next_cursor: null });
    const cut = await page("?status=incomplete");
    expect(cut.data).toEqual([await asking(person, UsageImport, "/api/usage/imports/b", {})]);

    const stranger = await somebody();
    const none = await asking(stranger, UsageImportPage, "/api/usage/imports", {});
    expect(none.data).toEqual([]);
    const token = person.access_token;
    for (const query of [
      "?cursor=made-up",
      "?status=lost",
      `?status=complete&cursor=${first.next_cursor}`,
    ]) {
      const refused = await ask(`/api/usage/imports${query}`, { token });
      expect((await problemOf(refused)).code).toBe("invalid_fields");
    }
    const writer = await tokenWith(person, ["usage:write"]);
    const forbidden = await ask("/api/usage/imports", { token: writer });
    expect((await problemOf(forbidden)).code).toBe("forbidden");
  });

  it("is taken back as a whole, and leaves what was there before", async () => {
    person = await somebody();
    await importing(lines(series(5)), "?import_id=older");
    await importing(lines([...series(20), { broken: true }]), "?import_id=newer&format=apex");
    const token = person.access_token;
    const remembered = () => keptAnswers(env.CACHE, WorkspaceId.parse(person.user.id));
    await summaryOf(person);
    expect(await remembered()).toHaveLength(1);
    expect((await ask("/api/usage/imports/newer", { method: "DELETE", token })).status).toBe(204);
    expect(await remembered()).toEqual([]);
    expect((await stored(person.user.id)).map(({ record_id }) => record_id)).toHaveLength(5);
    expect((await asking(person, QuarantinePage, "/api/usage/quarantine", {})).data).toEqual([]);
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
      (await asking(person, ImportReceipt, path, { body: new Blob([bytes]).stream(), headers }))
        .import.stored,
    ).toBe(1);
    expect(await stored(person.user.id)).toMatchObject([
      { feature: "Übersicht", input_tokens: 100, cache_read_tokens: 90 },
    ]);
  });

  it("is refused before a row of it is stored, where it says that it is longer than 100 MiB", async () => {
    const sender = await somebody();
    const { access_token: token } = sender;
    const longer = { ...NDJSON, "content-length": String(100 * 1_024 * 1_024 + 1) };
    const asked = { token, body: lines(series(3)), headers: longer };

    expect((await problemOf(await ask("/api/usage/imports", asked))).code).toBe("too_large");
    const { data } = await asking(sender, UsageImportPage, "/api/usage/imports");
    expect(data).toEqual([]);
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
