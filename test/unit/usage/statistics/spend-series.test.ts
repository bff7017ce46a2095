/** Spend in local days: each record on its own day, and only whole days for whole. */
import { describe, expect, it } from "vitest";
import { type Calendar, calendarOf, UTC } from "../../../../src/usage/calendar.ts";
import type { PriceLookup } from "../../../../src/usage/prices.ts";
import { byHour, spendSeries } from "../../../../src/usage/statistics/spend-series.ts";
import { memoryStore } from "../memory-store.ts";
import { usageRecord } from "../records.ts";

/** A dollar for a million input tokens, so that each record below costs a dollar. */
const dollar: PriceLookup = () => ({
  rates: { input: 1, cache_read: 1, cache_write: 1, output: 0 },
  version: "test",
});

/** A record of a dollar at each of the moments. */
function storeOf(moments: readonly string[]) {
  const records = moments.map((moment, index) =>
    usageRecord({ record_id: `record-${index}`, ts: Date.parse(moment), input_tokens: 1e6 }),
  );
  return memoryStore(records, dollar);
}

const berlin = calendarOf("Europe/Berlin") ?? UTC;
const newYork = calendarOf("America/New_York") ?? UTC;

async function seriesOf(moments: readonly string[], from: string, to: string, calendar: Calendar) {
  const usage = storeOf(moments);
  const scope = { workspaceId: "sample", from: Date.parse(from), to: Date.parse(to), filters: {} };
  return spendSeries(usage, scope, calendar, await usage.extent("sample"));
}

/** A record every half hour from one moment up to another. */
function halfHours(from: string, to: string): string[] {
  const [first, end, step] = [Date.parse(from), Date.parse(to), 30 * 60_000];
  return Array.from({ length: (end - first) / step }, (_, index) =>
    new Date(first + index * step).toISOString(),
  );
}

describe("a series of days", () => {
  it("is empty where the workspace is, or where the window is beside the records", async () => {
    expect(await seriesOf([], "2026-10-01", "2026-10-05", UTC)).toMatchObject({
      days: [],
      begun: null,
    });
    const beside = await seriesOf(["2026-10-20T12:00Z"], "2026-10-01", "2026-10-05", UTC);
    expect(beside).toMatchObject({ days: [], begun: null, sums: { records: 0 } });
  });

  it("has the days the window and the records cover whole, idle ones at zero", async () => {
    const series = await seriesOf(
      ["2026-10-01T00:30Z", "2026-10-01T13:00Z", "2026-10-03T23:40Z"],
      "2026-09-20",
      "2026-10-09",
      UTC,
    );
    expect(series.days).toEqual([
      { day: "2026-10-01", usd: 2 },
      { day: "2026-10-02", usd: 0 },
      { day: "2026-10-03", usd: 1 },
    ]);
    expect(series.begun).toBeNull();
  });

  it("leaves a first day out that began before its records, and tells the last as begun", async () => {
    const series = await seriesOf(
      ["2026-10-01T09:00Z", "2026-10-02T12:00Z", "2026-10-03T12:00Z"],
      "2026-09-20",
      "2026-10-09",
      UTC,
    );
    expect(series.days).toEqual([{ day: "2026-10-02", usd: 1 }]);
    expect(series.begun).toEqual({ day: "2026-10-03", usd: 1 });
    expect(series.opening).toEqual({ day: "2026-10-01", usd: 1 });
    expect(series.sums.records).toBe(3);
  });

  it("tells a day once that is both its first and its last", async () => {
    const moments = ["2026-10-01T09:00Z", "2026-10-01T12:00Z"];
    const series = await seriesOf(moments, "2026-09-20", "2026-10-09", UTC);
    expect(series).toMatchObject({
      days: [],
      opening: null,
      begun: { day: "2026-10-01", usd: 2 },
    });
  });

  it.each([
    ["Europe/Berlin", berlin, "2026-03-28", [48, 46, 48]],
    ["Europe/Berlin", berlin, "2026-10-24", [48, 50, 48]],
    ["America/New_York", newYork, "2026-03-07", [48, 46, 48]],
    ["America/New_York", newYork, "2026-10-31", [48, 50, 48]],
  ] as const)(
    "puts each half hour of %s on its local day, from %s",
    async (_, zone, day, spent) => {
      const start = zone.momentOf(Date.parse(day));
      const end = zone.momentOf(Date.parse(day) + 3 * 86_400_000);
      const [from, to] = [new Date(start).toISOString(), new Date(end).toISOString()];
      const around = halfHours(
        new Date(start - 86_400_000).toISOString(),
        new Date(end + 86_400_000).toISOString(),
      );
      const series = await seriesOf(around, from, to, zone);
      expect(series.days.map(({ usd }) => usd)).toEqual(spent);
      expect(series.begun).toBeNull();
    },
  );
});

describe("hours", () => {
  it("come in order, from as many queries as a long window takes", async () => {
    const usage = storeOf(["2026-10-02T12:10Z", "2026-01-01T00:00Z", "2026-10-02T12:50Z"]);
    const scope = {
      workspaceId: "sample",
      from: Date.parse("2025-12-01"),
      to: Date.parse("2026-12-01"),
      filters: {},
    };
    const hours = await byHour(usage, scope);
    expect(hours.map(({ begins, sums }) => [new Date(begins).toISOString(), sums.records])).toEqual(
      [
        ["2026-01-01T00:00:00.000Z", 1],
        ["2026-10-02T12:00:00.000Z", 2],
      ],
    );
  });
});
