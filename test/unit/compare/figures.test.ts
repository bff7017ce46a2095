/** The comparing bench's sums: medians, ratios, targets, and the table made of them. */
import { expect, test } from "vitest";
import type { Name } from "../../../bench/compare/contender.ts";
import { rowsOf, type Sampled, Samples } from "../../../bench/compare/figures.ts";
import { answerOf, deltasOf } from "../../../bench/compare/model.ts";
import { asMarkdown, asText } from "../../../bench/compare/table.ts";
import { since, Work } from "../../../bench/counted/work.ts";
import { frameBytes } from "../../../bench/frame-bytes.ts";

function sampled(of: Sampled, values: Readonly<Record<Name, readonly number[]>>): Samples {
  const samples = new Samples();
  for (const name of ["floor", "peer", "apex"] as const) {
    for (const value of values[name]) samples.note(of, name, value);
  }
  return samples;
}

function rowOf(samples: Samples, label: string) {
  const row = rowsOf(samples).find((each) => each.label === label);
  if (row === undefined) throw new Error(`There is no ${label}.`);
  return row;
}

test("a row holds medians, ratios within the run, and the fewest samples", () => {
  const samples = sampled("firstText", {
    floor: [30, 10, 20],
    peer: [50, 46],
    apex: [900, 24, 21],
  });
  expect(rowOf(samples, "first text, p50")).toMatchObject({
    values: { floor: 20, peer: 48, apex: 24 },
    toFloor: 1.2,
    toPeer: 0.5,
    met: true,
    samples: 2,
  });
  expect(rowOf(samples, "first text, slowest").values.apex).toBe(900);
});

test.each([
  ["at 1.25 times the floor", 25, true],
  ["above it", 25.1, false],
])("the first text %s keeps the target: %s ms, %s", (_, apex, met) => {
  const samples = sampled("firstText", { floor: [20], peer: [40], apex: [apex] });
  expect(rowOf(samples, "first text, p50").met).toBe(met);
});

test("the first text is to be below the peer's, however near the floor", () => {
  const samples = sampled("firstText", { floor: [20], peer: [20], apex: [20] });
  expect(rowOf(samples, "first text, p50").met).toBe(false);
});

test("one bad reconnect among many is a failure", () => {
  const samples = sampled("lost", { floor: [0], peer: [0], apex: [0, 0, 3, 0, 0] });
  expect(rowOf(samples, "reconnect: deltas lost")).toMatchObject({
    values: { apex: 3 },
    toPeer: null,
    met: false,
  });
});

test("how often the machine was not at rest stands in the table, once for all rounds", () => {
  const samples = sampled("busyBegin", { floor: [0, 0], peer: [0, 1], apex: [1, 1] });
  expect(rowOf(samples, "begun on a busy machine")).toMatchObject({
    values: { floor: 0, peer: 1, apex: 2 },
    met: null,
    samples: 2,
  });
});

test("without a value there is neither ratio nor verdict", () => {
  const samples = sampled("rows", { floor: [0], peer: [], apex: [9] });
  expect(rowOf(samples, "rows written a turn")).toMatchObject({
    values: { floor: 0, peer: null, apex: 9 },
    toFloor: null,
    toPeer: null,
    met: null,
  });
});

test("the table says the same on a terminal and in a document", () => {
  const samples = sampled("rows", { floor: [0], peer: [56], apex: [9.5] });
  const rows = rowsOf(samples).filter((row) => row.samples > 0);
  expect(asText(rows).split("\n")[1]?.split(/ {2,}/)).toEqual([
    "rows written a turn",
    "0",
    "56",
    "9.50",
    "–",
    "0.17×",
    "≤ 10",
    "yes",
    "1",
  ]);
  expect(asMarkdown(rows, "a machine").split("\n").at(-1)).toBe(
    "| rows written a turn | 0 | 56 | 9.50 | – | 0.17× | ≤ 10 | yes | 1 |",
  );
});

test("no two deltas of an answer are alike, and each has four characters", () => {
  const text = answerOf(1_000);
  expect(text).toHaveLength(4_000);
  expect(new Set(deltasOf(text)).size).toBe(1_000);
});

test("a frame's bytes hold its header, and a client's mask", () => {
  expect(frameBytes("x".repeat(125))).toBe(127);
  expect(frameBytes("x".repeat(126))).toBe(130);
  expect(frameBytes("é".repeat(32_768))).toBe(65_536 + 10);
  expect(frameBytes("x", "client")).toBe(1 + 2 + 4);
});

test("only who did something since is told", () => {
  const none = { rowsRead: {}, alarmsSet: {}, alarms: 0, requests: {}, frames: {}, activeMs: {} };
  const before = Work.parse({ ...none, rowsWritten: { Thread: 4, D1: 3 }, took: { D1: [1, 2] } });
  const rowsWritten = { Thread: 10, D1: 3, Account: 2 };
  const after = Work.parse({ ...before, alarms: 2, rowsWritten, took: { D1: [1, 2, 7] } });
  expect(since(before, after)).toEqual({
    ...none,
    alarms: 2,
    rowsWritten: { Thread: 6, Account: 2 },
    took: { D1: [7] },
  });
});
