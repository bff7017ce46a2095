/** docs/scale.md holds the tables that the simulation comes to; and demand is what the habits say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Counted } from "../../../bench/cost/document.ts";
import { demandOf, HABITS } from "../../../bench/scale/demand.ts";
import { withTables } from "../../../bench/scale/document.ts";
import { messageOf, scaleTables } from "../../../bench/scale/tables.ts";

const ROOT = join(import.meta.dirname, "../../..");

test("docs/scale.md holds what is simulated from the counted figures", { timeout: 60_000 }, () => {
  const counted: unknown = JSON.parse(readFileSync(join(ROOT, "bench/cost/counted.json"), "utf8"));
  const document = readFileSync(join(ROOT, "docs/scale.md"), "utf8");
  expect(document).toBe(withTables(document, scaleTables(messageOf(Counted.parse(counted)))));
});

test("a million users come to what their habits say", () => {
  const habits = { ...HABITS, activeADay: 0.5, messagesADay: 4, busiestHour: 0.09, peakToMean: 2 };
  expect(demandOf(1_000_000, { ...habits, openSeconds: 10 })).toEqual({
    users: 1_000_000,
    messagesADay: 2_000_000,
    messagesASecond: 100,
    openSockets: 1_000,
  });
});

test("a document without a place for the tables is told, and left alone", () => {
  expect(() => withTables("# Nothing", "| a |")).toThrow("no place");
});
