/** A file that is not read to its end is let go, so that whoever answers can read what is left of it. */
import { describe, expect, it } from "vitest";
import { readUsage } from "../../../../src/usage/import/read-usage.ts";
import { NOW } from "./read.ts";

const rows = Array.from({ length: 50 }, (_, index) => ({
  record_id: `record-${index}`,
  ts: Date.UTC(2026, 9, 1) + index,
  provider: "openai",
  request_model: "gpt-5.4",
  input_tokens: 100,
  output_tokens: 10,
}));
const [header = {}] = rows;
const columns = {
  columns: Object.fromEntries(Object.keys(header).map((name) => [name, name])),
  constants: {},
  cached: "included",
  reasoning: "included",
} as const;

const FILES = [
  ["lines", rows.map((row) => JSON.stringify(row)).join("\n"), "apex"],
  ["an array", JSON.stringify(rows), "apex"],
  [
    "a CSV",
    [Object.keys(header), ...rows.map((row) => Object.values(row))].map(String).join("\n"),
    "csv",
  ],
] as const;

/** @returns a file in small pieces, and whether it was let go. */
function pieces(text: string) {
  const state = { isOpen: true };
  async function* bytes() {
    try {
      for (let at = 0; at < text.length; at += 100) {
        yield new TextEncoder().encode(text.slice(at, at + 100));
      }
    } finally {
      state.isOpen = false;
    }
  }
  return { bytes: bytes(), state };
}

const ARRIVAL = { workspaceId: "mine", now: NOW };
const AS = { charset: "utf-8", isCsv: false } as const;

describe.each(FILES)("of %s", (_, text, format) => {
  it.each([1, 3])("who leaves after %i rows leaves nothing open", async (wanted) => {
    const { bytes, state } = pieces(text);
    const file = { ...AS, bytes, format, columns: format === "csv" ? columns : undefined };
    const { entries } = await readUsage(file, ARRIVAL);
    let read = 0;
    for await (const entry of entries) {
      expect(entry.kind).toBe("record");
      read += 1;
      if (read === wanted) break;
    }
    expect(state.isOpen).toBe(false);
  });
});

it("what no format is told of is left open nowhere", async () => {
  const { bytes, state } = pieces('{"hello":1}\n'.repeat(50));
  const reading = readUsage({ ...AS, bytes, format: null, columns: undefined }, ARRIVAL);
  await expect(reading).rejects.toMatchObject({ code: "invalid_fields" });
  expect(state.isOpen).toBe(false);
});
