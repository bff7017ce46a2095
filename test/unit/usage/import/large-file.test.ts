/** A large file is never held: it is read as its rows are asked for, and of it no more than they need. */
import { describe, expect, it } from "vitest";
import { BATCH_ROWS, batchesOf } from "../../../../src/usage/import/batches.ts";
import type { ColumnMap } from "../../../../src/usage/import/column-map.ts";
import { readUsage } from "../../../../src/usage/import/read-usage.ts";
import { NOW } from "./read.ts";

const PIECE_ROWS = 500;
/** What may be read and not yet told of: the batch that grows, and what lies in buffers on the way. */
const MOST_HELD = 2 * BATCH_ROWS;
/** Every so many rows, one that is broken. */
const BROKEN_EVERY = 1_000;

const COLUMNS = ["record_id", "ts", "provider", "request_model", "input_tokens", "output_tokens"];
const map: ColumnMap = { columns: {}, constants: {} };

function valuesOf(index: number): (string | number)[] {
  const tokens = index % BROKEN_EVERY === 0 ? -1 : 100;
  return [`record-${index}`, NOW - 1_000 - index, "openai", "gpt-5.4", tokens, 10];
}
const objectOf = (index: number) =>
  JSON.stringify(Object.fromEntries(COLUMNS.map((name, at) => [name, valuesOf(index)[at]])));

const MOST_ROWS = 500_000;

it("of ten million rows is given up behind its 500,000th, and no more of it is read", async () => {
  const rows = Array<number>(PIECE_ROWS).fill(1);
  const piece = new TextEncoder().encode(`${JSON.stringify({ records: rows })}\n`);
  let sent = 0;
  async function* bytes() {
    for (; sent < 10_000_000; sent += PIECE_ROWS) yield piece;
  }
  const file = { charset: "utf-8", isCsv: false, format: "apex", columns: undefined } as const;
  const { entries } = await readUsage(
    { ...file, bytes: bytes() },
    { workspaceId: "mine", now: NOW },
  );
  let told = 0;
  async function readAll(): Promise<void> {
    for await (const { kind } of entries) told += kind === "refused" ? 1 : 0;
  }

  await expect(readAll()).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringContaining("500000 rows at most"),
  });
  expect(told).toBe(MOST_ROWS);
  expect(sent).toBeLessThanOrEqual(MOST_ROWS + MOST_HELD);
});

const LAYOUTS = [
  ["lines", 50_000, "apex", "", (index: number) => `${objectOf(index)}\n`, ""],
  [
    "an array in one line",
    50_000,
    "apex",
    "[",
    (index: number) => `${index === 0 ? "" : ","}${objectOf(index)}`,
    "]",
  ],
  [
    "a table",
    50_000,
    "csv",
    `${COLUMNS.join(",")}\n`,
    (index: number) => `${valuesOf(index)}\n`,
    "",
  ],
] as const;

describe.each(LAYOUTS)(
  "%s of %i rows",
  { timeout: 120_000 },
  (_, rows, format, head, row, tail) => {
    it("is read batch by batch, and a few of them at most are held", async () => {
      let sent = 0;
      async function* bytes() {
        const encoder = new TextEncoder();
        yield encoder.encode(head);
        while (sent < rows) {
          const piece = Array.from({ length: PIECE_ROWS }, (_, at) => row(sent + at)).join("");
          sent += PIECE_ROWS;
          yield encoder.encode(piece);
        }
        yield encoder.encode(tail);
      }
      const file = { charset: "utf-8", isCsv: format === "csv", format, columns: map } as const;
      const arrival = { workspaceId: "mine", now: NOW };
      const { entries } = await readUsage({ ...file, bytes: bytes() }, arrival);

      let [read, records, refused, mostHeld] = [0, 0, 0, 0];
      for await (const batch of batchesOf(entries)) {
        mostHeld = Math.max(mostHeld, sent - read);
        expect(batch.rows).toBeLessThanOrEqual(BATCH_ROWS);
        read += batch.rows;
        records += batch.records.length;
        refused += batch.refusals.length;
      }
      expect({ read, records, refused }).toEqual({
        read: rows,
        records: rows - rows / BROKEN_EVERY,
        refused: rows / BROKEN_EVERY,
      });
      expect(mostHeld).toBeGreaterThanOrEqual(BATCH_ROWS);
      expect(mostHeld).toBeLessThanOrEqual(MOST_HELD);
    });
  },
);
