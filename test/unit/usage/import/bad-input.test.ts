/** What is wrong in a file is named by its line, and holds up nothing else. */
import { describe, expect, it } from "vitest";
import { ColumnMap } from "../../../../src/usage/import/column-map.ts";
import { NOW, readAll, recordsOf, refusalsOf } from "./read.ts";

const good = {
  record_id: "good",
  ts: Date.UTC(2026, 9, 1),
  provider: "openai",
  request_model: "gpt-5.4",
  input_tokens: 100,
  output_tokens: 10,
};

/** @returns a file of the row between two good ones. */
function around(row: unknown): string {
  const lines = [{ ...good, record_id: "before" }, row, { ...good, record_id: "after" }];
  return lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
}

describe("a row that can't be taken", () => {
  const WRONG: readonly (readonly [what: string, row: unknown, reason: RegExp])[] = [
    ["is cut off", '{"record_id": "x", "ts"', /^is no JSON$/],
    ["is no object", 7, /^is no record: an object is expected$/],
    ["lacks a field", { ...good, provider: undefined }, /^provider: /],
    ["has a field nobody knows", { ...good, prompt: "hello" }, /^prompt: is not known here$/],
    ["has a negative count", { ...good, input_tokens: -5 }, /^input_tokens: /],
    ["has a broken count", { ...good, output_tokens: 1.5 }, /^output_tokens: /],
    [
      "has an infinite cost",
      `${JSON.stringify(good).slice(0, -1)},"cost_reported":1e999}`,
      /^cost_reported: /,
    ],
    ["has an absurd count", { ...good, input_tokens: 9e14 }, /^input_tokens: .* is beyond belief$/],
    ["took a month", { ...good, latency_ms: 3e9 }, /^latency_ms: .* is beyond belief$/],
    ["lies in the future", { ...good, ts: NOW + 3_600_000 }, /^ts: lies in the future$/],
    ["is from before there were any", { ...good, ts: 1_000 }, /^ts: is from before 2018/],
    ["has seconds for milliseconds", { ...good, ts: 1_760_000_000 }, /^ts: is from before 2018/],
    [
      "counts cached tokens twice",
      { ...good, cache_read_tokens: 90, cache_write_tokens: 11 },
      /exceed input_tokens/,
    ],
    [
      "counts more reasoning than output",
      { ...good, reasoning_tokens: 11 },
      /exceed output_tokens/,
    ],
    [
      "is another workspace's",
      { ...good, workspace_id: "theirs" },
      /^workspace_id: names a workspace that is not yours$/,
    ],
    ["has a label that is too long", { ...good, feature: "x".repeat(101) }, /^feature: /],
    [
      "is one call of several requests",
      { ...good, n_requests: 5 },
      /^n_requests \(5\) of a single call: sums of calls are of granularity bucket$/,
    ],
    ["has no id", { ...good, record_id: "" }, /^record_id: /],
  ];

  it.each(WRONG)("because it %s is named by its line and its reason", async (_, row, reason) => {
    const { entries } = await readAll(around(row));
    expect(refusalsOf(entries)).toEqual([{ line: 2, reason: expect.stringMatching(reason) }]);
    expect(recordsOf(entries).map(({ record_id }) => record_id)).toEqual(["before", "after"]);
  });

  it("because an earlier one has its id, with other values", async () => {
    const { entries } = await readAll(around({ ...good, record_id: "before", output_tokens: 11 }));
    expect(refusalsOf(entries)).toEqual([
      { line: 2, reason: "record_id: stands in an earlier row of this file, with other values" },
    ]);
  });

  it("has the same id in the quarantine each time, though it has none itself", async () => {
    const id = async () =>
      (await readAll(around("{broken"))).entries.flatMap((entry) =>
        entry.kind === "refused" ? [entry.refusal.record_id] : [],
      );
    expect(await id()).toEqual(await id());
  });
});

describe("text", () => {
  const line = `${JSON.stringify({ ...good, feature: "é" })}\n`;
  const utf16 = (text: string) => new Uint8Array(Buffer.from(text, "utf16le"));

  it("may begin with a byte order mark", async () => {
    expect(recordsOf((await readAll(`\ufeff${line}`, { size: 1 })).entries)).toHaveLength(1);
    const csv = `\ufeff${Object.keys(good).join(",")}\n${Object.values(good).join(",")}\n`;
    expect(recordsOf((await readAll(csv, { format: "csv", size: 1 })).entries)).toHaveLength(1);
  });

  it("in UTF-16 is refused, and read where it is stated", async () => {
    for (const text of [line, `\ufeff${line}`]) {
      await expect(readAll(utf16(text))).rejects.toMatchObject({ code: "malformed_body" });
    }
    const { entries } = await readAll(utf16(`\ufeff${line}`), { charset: "utf-16le", size: 3 });
    expect(recordsOf(entries)).toMatchObject([{ feature: "é" }]);
  });

  it("that is empty has no rows, where its format is named", async () => {
    expect((await readAll("", { format: "apex" })).entries).toEqual([]);
    await expect(readAll(" \n")).rejects.toMatchObject({ code: "invalid_fields" });
  });

  it("of nothing known is refused with the formats there are", async () => {
    await expect(readAll('{"hello":1}')).rejects.toMatchObject({
      errors: [{ field: "format", message: expect.stringContaining("litellm") }],
    });
    await expect(readAll("hello,you\n1,2\n")).rejects.toMatchObject({ code: "invalid_fields" });
  });

  it("may be broken off in an array: what was whole before counts", async () => {
    const text = `[${JSON.stringify(good)}, {"record_id": "x"`;
    const { entries } = await readAll(text, { size: 5 });
    expect(recordsOf(entries)).toHaveLength(1);
    expect(refusalsOf(entries)).toEqual([{ line: 1, reason: "the array breaks off" }]);
  });
});

describe("a table", () => {
  const columns = {
    columns: { ts: "when", request_model: "model" },
    constants: { provider: "openai" },
  };
  const header = "when,model,input_tokens,output_tokens";

  it("has rows with too few cells, unreadable numbers and quotes that never close: each is named", async () => {
    const rows = [
      "2026-10-01 12:00:00,gpt-5.4,100,10",
      "2026-10-01,gpt-5.4,100",
      "2026-10-01,gpt-5.4,many,10",
      "soon,gpt-5.4,1,1",
    ];
    const { entries } = await readAll([header, ...rows, '2026-10-02,"gpt,1,1'].join("\n"), {
      format: "csv",
      columns,
    });
    expect(recordsOf(entries)).toMatchObject([{ ts: Date.UTC(2026, 9, 1, 12), input_tokens: 100 }]);
    expect(refusalsOf(entries)).toEqual([
      { line: 3, reason: "has 3 values, the first line names 4" },
      { line: 4, reason: "input_tokens: can't be read as input_tokens: many" },
      { line: 5, reason: "when: can't be read as ts: soon" },
      { line: 6, reason: expect.stringContaining("is no CSV, nor is what follows") },
    ]);
  });

  it("names a row without an id by all that it holds, wherever it stands", async () => {
    const rows = ["2026-10-01,gpt-5.4,100,10", "2026-10-02,gpt-5.4,100,10"];
    const read = async (some: readonly string[]) =>
      recordsOf(
        (
          await readAll(
            [header.replaceAll(",", ";"), ...some.map((row) => row.replaceAll(",", ";"))].join(
              "\r\n",
            ),
            { format: "csv", columns },
          )
        ).entries,
      );
    const [first, second] = await read(rows);
    expect(await read(rows.toReversed())).toEqual([second, first]);
  });

  it.each([
    ["ok", ["ok", "Success", "completed", "finished", "stop", "200", "201", "204"]],
    ["error", ["error", "FAILED", "timed out", "rate_limited", "cancelled", "404", "429", "503"]],
  ])("has a status that is %s in these words: %j", async (status, words) => {
    const rows = words.map((word, at) => `2026-10-01,gpt-5.4,${at},10,${word}`);
    const { entries } = await readAll([`${header},status`, ...rows].join("\n"), {
      format: "csv",
      columns,
    });
    expect(recordsOf(entries).map((record) => record.status)).toEqual(words.map(() => status));
  });

  it.each(["pending", "in_progress", "100", "302", "7", "-", "not ok"])(
    "has no known status in the word %s, so that row is set aside",
    async (word) => {
      const { entries } = await readAll(`${header},status\n2026-10-01,gpt-5.4,1,10,${word}`, {
        format: "csv",
        columns,
      });
      expect(refusalsOf(entries)).toEqual([
        { line: 2, reason: `status: can't be read as status: ${word}` },
      ]);
    },
  );

  it.each([
    ["cache_read_tokens", "cached", "input"],
    ["cache_write_tokens", "cached", "input"],
    ["cache_write_1h_tokens", "cached", "input"],
    ["reasoning_tokens", "reasoning", "output"],
  ] as const)(
    "with a column %s has to state %s, under its own name too",
    async (name, state, of) => {
      const text = `${header},${name}\n2026-10-01,gpt-5.4,100,10,5\n2026-10-01,gpt-5.4,100,10,`;
      const unstated = await readAll(text, { format: "csv", columns });
      expect(refusalsOf(unstated.entries)).toEqual([
        {
          line: 2,
          reason: `${name}: the column map must say in "${state}" whether ${of} tokens hold these: included or separate`,
        },
      ]);
      expect(recordsOf(unstated.entries)).toHaveLength(1);
      expect(ColumnMap.safeParse({ columns: { [name]: "some" } }).success).toBe(false);
      expect(ColumnMap.safeParse({ columns: {}, constants: { [name]: "1" } }).success).toBe(false);
    },
  );

  it("that counts requests is one of sums, unless it says that a row is a single call", async () => {
    const read = async (row: string, head: string) =>
      recordsOf((await readAll(`${head}\n${row}`, { format: "csv", columns })).entries);
    const counted = `${header},n_requests`;
    expect(await read("2026-10-01,gpt-5.4,9000,10,90", counted)).toMatchObject([
      { granularity: "bucket", n_requests: 90 },
    ]);
    expect(await read("2026-10-01,gpt-5.4,100,10,1", counted)).toMatchObject([
      { granularity: "bucket", n_requests: 1 },
    ]);
    expect(
      await read("2026-10-01,gpt-5.4,100,10,1,request", `${counted},granularity`),
    ).toMatchObject([{ granularity: "request", n_requests: 1 }]);
    expect(await read("2026-10-01,gpt-5.4,100,10", header)).toMatchObject([
      { granularity: "request", n_requests: 1 },
    ]);
  });

  it("must say whether its totals hold their parts", () => {
    const cached = { columns: { cache_read_tokens: "cached" } };
    expect(ColumnMap.safeParse(cached).success).toBe(false);
    expect(ColumnMap.safeParse({ ...cached, cached: "included" }).success).toBe(true);
    expect(ColumnMap.safeParse({ columns: { reasoning_tokens: "thought" } }).success).toBe(false);
    expect(ColumnMap.safeParse({ columns: { nonsense: "x" } }).success).toBe(false);
  });
});

describe("rows that tell of no call", () => {
  it("are left aside: spans of agents, observations that are no generation, empty buckets", async () => {
    const span = {
      context: { trace_id: "a", span_id: "b" },
      start_time: "2026-10-01T00:00:00Z",
      end_time: null,
      attributes: { "openinference.span.kind": "CHAIN", "llm.token_count.prompt": 5 },
    };
    const kinds = async (row: object) =>
      (await readAll(JSON.stringify(row))).entries.map(({ kind }) => kind);
    expect(await kinds(span)).toEqual(["ignored"]);
    expect(
      await kinds({ id: "1", type: "SPAN", usageDetails: {}, startTime: "2026-10-01T00:00:00Z" }),
    ).toEqual(["ignored"]);
    const bucket = { start_time: 1_760_000_000, end_time: 1_760_086_400 };
    expect(
      await kinds({
        data: [
          {
            ...bucket,
            results: [
              { num_model_requests: 0, input_tokens: 0, output_tokens: 0, input_cached_tokens: 0 },
            ],
          },
        ],
      }),
    ).toEqual(["ignored"]);
  });
});
