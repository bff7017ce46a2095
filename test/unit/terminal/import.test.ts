/** A file of usage from the terminal: nothing is stored before it was shown, and agreed to. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fetch } from "../../../src/client/http.ts";
import { importUsage } from "../../../src/terminal/import.ts";
import { IMPORT_USAGE } from "../../../src/terminal/import-options.ts";
import { credentials, problem } from "../client/frames.ts";

const folder = mkdtempSync(join(tmpdir(), "apex-import-"));
const file = join(folder, "usage.csv");
beforeAll(() => writeFileSync(file, "a,b\n1,2\n"));
afterAll(() => rmSync(folder, { recursive: true }));

const counts = { rows: 3, stored: 2, known: 0, duplicates: 0, ignored: 0, quarantined: 1 };
const refused = [{ reason: "ts: lies in the \u001b[31mfuture", faults: [], rows: 1, lines: [3] }];
const times = { first_at: "2026-10-01T00:00:00.000Z", last_at: "2026-10-02T00:00:00.000Z" };
const preview = {
  ...{ dry_run: true, format: "csv", ...counts, refused, ...times },
  ...{ examples: [{ record_id: "r\u0007-1" }], reported_usd: 0, computed_usd: 1.5, unpriced: 1 },
};
const done = {
  ...{
    id: "file-x",
    format: "csv",
    status: "complete",
    under_way: false,
    file_name: null,
    ...counts,
    ...times,
  },
  ...{ created_at: times.first_at, updated_at: times.last_at },
};
const event = (told: { type: string }) => `event: ${told.type}\ndata: ${JSON.stringify(told)}\n\n`;
const COMPLETED =
  event({ type: "import_progress", ...{ import: done } }) +
  event({ type: "import_completed", ...{ import: done, refused } });

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The queries of the imports that were sent. */
  readonly sent: readonly URLSearchParams[];
}

async function run(
  args: readonly string[],
  {
    typed,
    found = preview,
    told = COMPLETED,
  }: { typed?: string; found?: object; told?: string } = {},
): Promise<Outcome> {
  const sent: URLSearchParams[] = [];
  const fetch: Fetch = async (url) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/api/auth/dev-login") return Response.json(credentials(1));
    sent.push(searchParams);
    if (searchParams.get("format") === "otlp")
      return Response.json(problem("forbidden", 403), { status: 403 });
    return searchParams.has("dry_run") ? Response.json(found) : new Response(told);
  };
  const streams = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  };
  const isTTY = typed !== undefined;
  const world = {
    ...{ args, environment: {}, interrupt: new AbortController().signal, fetch },
    ...{
      stdin: Object.assign(streams.stdin, { isTTY }),
      stdout: streams.stdout,
      stderr: Object.assign(streams.stderr, { isTTY }),
    },
  };
  if (typed !== undefined) streams.stdin.write(typed);
  const code = await importUsage(world);
  for (const stream of [streams.stdout, streams.stderr]) stream.end();
  return { code, out: await text(streams.stdout), err: await text(streams.stderr), sent };
}

describe("an import that can't be", () => {
  it.each([
    ["names no file", [], "Name one file."],
    ["names two", ["a", "b"], "Name one file."],
    ["names no format", ["--format", "word", "x"], "Not a format: word"],
    ["has an unknown option", ["--force", "x"], "Unknown option '--force'."],
    ["has an id that is none", ["--import-id", "a/b", "x"], "Not an import's id: a/b"],
    ["goes nowhere", ["--url", "apex", "x"], "Not a web address: apex"],
  ])("because it %s ends with 2", async (_, args, mistake) => {
    expect(await run(args)).toMatchObject({
      code: 2,
      out: "",
      err: `${mistake}\n\n${IMPORT_USAGE}`,
      sent: [],
    });
  });

  it("because there is no such file, or it is refused, says so and ends with 1", async () => {
    expect(await run([join(folder, "none.csv")])).toMatchObject({
      code: 1,
      err: expect.stringContaining("none.csv"),
    });
    expect(await run(["--format", "otlp", file])).toMatchObject({
      code: 1,
      sent: [expect.anything()],
    });
  });

  it("because nothing in it can be stored ends with 1", async () => {
    const found = { ...preview, stored: 0 };
    expect(await run(["--yes", file], { found })).toMatchObject({
      code: 1,
      err: "There is nothing to import.\n",
    });
  });

  it("because it broke off, or failed, says how to go on", async () => {
    expect(await run(["--yes", file], { told: "" })).toMatchObject({
      code: 1,
      err: "The import broke off. Import the same file again to go on.\n",
    });
    const told = event({
      type: "import_failed",
      ...{ code: "import_conflict", detail: "Another file.", import_id: "x" },
    });
    expect(await run(["--yes", file], { told })).toMatchObject({ code: 1, err: "Another file.\n" });
  });
});

describe("an import", () => {
  it("that is only tried is shown, without what would colour the terminal", async () => {
    const { code, out, sent } = await run(["--dry-run", file]);
    expect(code).toBe(0);
    expect(out).toContain("3 rows of csv: 2 records to store");
    expect(out).toContain("$1.50 by the price list, 1 record has no known price");
    expect(out).toContain("set aside: 1 × ts: lies in the future (line 3)");
    expect(["\u001b", "\u0007"].filter((each) => out.includes(each))).toEqual([]);
    expect(sent).toHaveLength(1);
  });

  it("asks a person, and takes no answer but yes for one", async () => {
    expect(await run([file], { typed: "n\n" })).toMatchObject({ code: 1, sent: { length: 1 } });
    const agreed = await run([file], { typed: "y\n" });
    expect(agreed).toMatchObject({ code: 0, sent: { length: 2 } });
    expect(agreed.err).toContain("3 of 3 rows");
  });

  it("without anybody to ask goes on with --yes alone, under an id that follows from the file", async () => {
    expect(await run([file])).toMatchObject({
      code: 1,
      sent: { length: 1 },
      err: expect.stringContaining("--yes"),
    });
    const { code, out, sent } = await run(["--yes", file]);
    expect(code).toBe(0);
    expect(out).toContain("3 rows: 2 records stored, 0 known already, 1 set aside. Import file-x.");
    expect(sent[1]?.get("import_id")).toMatch(/^file-[0-9a-f]{40}$/);
    expect((await run(["--yes", file])).sent[1]?.get("import_id")).toBe(sent[1]?.get("import_id"));
    const named = await run(["--yes", "--import-id", "mine", "--column-map", "{}", file]);
    expect([named.sent[1]?.get("import_id"), named.sent[1]?.get("column_map")]).toEqual([
      "mine",
      "{}",
    ]);
  });

  it("tells how it is used", async () => {
    expect(await run(["--help"])).toMatchObject({ code: 0, out: IMPORT_USAGE });
  });
});
