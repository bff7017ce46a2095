/** `npm run generate-usage`: files that others can import, or a sentence about what is wrong. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { UsageRecord } from "../../../src/usage/record.ts";
import { exportLines } from "../../../src/usage/sample/export-rows.ts";
import { sampleRecords } from "../../../src/usage/sample.ts";

const PATIENCE = { timeout: 60_000 };
const SMALL = ["--days", "2", "--records", "300", "--ends", "2026-11-21"];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "apex-usage-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["scripts/generate-usage.ts", ...args]);

describe("npm run generate-usage", () => {
  it.each([
    [["--company", "acme"], "--company must be sample or control"],
    [["--days", "0"], "--days must be from 1 to 366"],
    [["--records", "many"], "--records must be a whole number"],
    [["--ends", "yesterday"], "--ends must be a date, as 2026-11-21"],
    [["--format", "xml"], "--format must be ndjson or csv"],
    [["--colour", "red"], "Unknown option '--colour'"],
  ])("refuses %j, says why, and where help is", PATIENCE, async (args, why) => {
    const failed = z.object({ code: z.number(), stderr: z.string(), stdout: z.string() });
    const failure = failed.parse(await run(...args).catch((error: unknown) => error));
    expect(failure.code).toBe(1);
    expect(failure.stdout).toBe("");
    expect(failure.stderr).toContain(why);
    expect(failure.stderr).toContain("--help");
  });

  it("tells its options", PATIENCE, async () => {
    const { stdout } = await run("--help");
    expect(stdout).toContain("--company sample|control");
  });

  it("writes the same file for the same options, and the truth beside it", PATIENCE, async () => {
    const [file, truth] = [join(directory, "usage.ndjson"), join(directory, "truth.json")];
    await run(...SMALL, "--out", file, "--truth", truth);
    const { stdout } = await run(...SMALL);
    expect(await readFile(file, "utf8")).toBe(stdout);
    const rows = stdout.trim().split("\n");
    expect(rows.length).toBeGreaterThan(250);
    const Row = UsageRecord.omit({ workspace_id: true }).strict();
    expect(rows.filter((row) => !Row.safeParse(JSON.parse(row)).success)).toEqual([]);
    const known = z.object({
      spendUsd: z.number(),
      profile: z.object({}),
      evaluations: z.array(z.object({})),
    });
    expect(known.parse(JSON.parse(await readFile(truth, "utf8"))).spendUsd).toBeGreaterThan(0);
  });
});

describe("a file of the sample company", () => {
  const records = [...sampleRecords({ endsAt: Date.UTC(2026, 10, 21), days: 1, scale: 0.1 })];

  it("is CSV that a parser of CSV reads, cell for cell", () => {
    const text = [...exportLines(records, "csv", "included")].join("");
    const rows = z.array(z.record(z.string(), z.string())).parse(parse(text, { columns: true }));
    expect(rows).toHaveLength(records.length);
    expect(rows.map(({ record_id }) => record_id)).toEqual(
      records.map(({ record_id }) => record_id),
    );
    expect(JSON.parse(rows[0]?.block_hmacs ?? "")).toEqual(records[0]?.block_hmacs);
    expect(rows[0]).not.toHaveProperty("workspace_id");
  });

  it("holds cached tokens apart where it is asked to, as some sources do", () => {
    const rows = [...exportLines(records, "ndjson", "separate")].map((line) =>
      UsageRecord.omit({ workspace_id: true }).parse(JSON.parse(line)),
    );
    expect(rows.some(({ cache_read_tokens }) => cache_read_tokens > 0)).toBe(true);
    expect(
      rows.map((row) => row.input_tokens + row.cache_read_tokens + row.cache_write_tokens),
    ).toEqual(records.map(({ input_tokens }) => input_tokens));
  });
});
