/** A commitment as it is told. */
import { describe, expect, it } from "vitest";
import { commitmentUtilisation } from "../../../src/tools/commitment-utilisation.ts";
import { HOUR_MS } from "../../../src/usage/calendar.ts";
import { askTool, callsOf, figureOf } from "./ask-tool.ts";

const start = Date.UTC(2026, 9, 1);
/** Four hours: a million tokens, none, two million, four million. */
const calls = callsOf(3, (index) => ({
  ts: start + ([0.1, 2.5, 3.9][index] ?? 0) * HOUR_MS,
  input_tokens: [1e6, 2e6, 4e6][index] ?? 0,
}));
const entered = { capacity_tokens_per_hour: 2e6, hourly_price_usd: 1 };

describe("commitment_utilisation", () => {
  it.each([{}, { capacity_tokens_per_hour: 2e6 }, { hourly_price_usd: 1 }])(
    "cannot say from %j, where not all of it was entered",
    async (args) => {
      const { answer, findings } = await askTool(commitmentUtilisation, calls, { args });
      expect(answer).toMatchObject({ value: null, commitment: null, n_records: 3 });
      expect(answer.not_assessable).toContain("No commitment was entered");
      expect(findings).toEqual([]);
    },
  );

  it("says that a window is empty, also within the workspace's time", async () => {
    const { answer } = await askTool(commitmentUtilisation, [], { args: entered });
    expect(answer).toMatchObject({ value: null, commitment: null, not_assessable: null });
  });

  it("cannot say from a part of an hour", async () => {
    const window = { from: "2026-10-01T00:01:00Z", to: "2026-10-01T00:30:00Z" };
    const { answer } = await askTool(commitmentUtilisation, calls, {
      args: { ...entered, window },
    });
    expect(answer.not_assessable).toContain("no whole hour");
  });

  it("tells idle dollars, break-even and the best size, by hand", async () => {
    const window = { from: "2026-10-01", to: "2026-10-01T04:00:00Z" };
    const { answer, findings } = await askTool(commitmentUtilisation, calls, {
      args: { ...entered, window },
    });
    // Served: 1 + 0 + 2 + 2 of 8 million. Four hours say nothing of a month.
    expect(answer).toMatchObject({
      value: 1.5,
      unit: "USD",
      commitment: {
        hours: 4,
        tokens: 7e6,
        overflow_tokens: 2e6,
        utilisation_pct: 62.5,
        committed_usd: 4,
        idle_usd: 1.5,
        on_demand: {
          usd_per_million_tokens: 1,
          break_even_pct: 50,
          on_demand_monthly_usd: null,
          committed_monthly_usd: null,
          resize: { capacity_tokens_per_hour: 1e6, monthly_usd: null, monthly_change_usd: null },
        },
        by_hour_of_day: [
          { hour: 0, utilisation_pct: 50, idle_usd: 0.5 },
          { hour: 1, utilisation_pct: 0, idle_usd: 1 },
          { hour: 2, utilisation_pct: 100, idle_usd: 0 },
          { hour: 3, utilisation_pct: 100, idle_usd: 0 },
        ],
      },
    });
    expect(figureOf(findings, "idle cost of the commitment")).toBe(1.5);
    expect(answer.summary).toContain("**$1.50** was paid for idle capacity");
    expect(answer.summary).toContain("| 1 | 0% | $1.00 |");
    expect(answer.summary).not.toContain("a month (");
    expect(answer.summary).toContain("the records reach over 4 hours");
    expect(figureOf(findings, "monthly change of the best size")).toBeUndefined();
  });

  it("makes a month of a day, by hand", async () => {
    const day = [0, 1, 2, 3, 4, 5].flatMap((block) =>
      calls.map((call) => ({
        ...call,
        record_id: `${call.record_id}-${block}`,
        ts: call.ts + 4 * block * HOUR_MS,
      })),
    );
    const window = { from: "2026-10-01", to: "2026-10-02" };
    const args = { ...entered, window };
    const { answer } = await askTool(commitmentUtilisation, day, { args });
    // By the token all 7 million of four hours cost 7, with the capacity 4 + 2.
    const month = (30.4375 * 24) / 4;
    expect(answer).toMatchObject({
      commitment: {
        on_demand: {
          on_demand_monthly_usd: expect.closeTo(7 * month, 6),
          committed_monthly_usd: expect.closeTo(6 * month, 6),
          // 1 million: 2 and 4 by the token; 2 million: 4 and 2; both are best, the smaller first.
          resize: { capacity_tokens_per_hour: 1e6, monthly_usd: expect.closeTo(6 * month, 6) },
        },
      },
    });
    expect(answer.summary).toContain("A month costs");
  });

  it("tells the hours of the day in the window's zone", async () => {
    const { answer } = await askTool(commitmentUtilisation, calls, {
      args: { ...entered, window: { time_zone: "Europe/Berlin" } },
    });
    expect(answer.commitment).toMatchObject({
      by_hour_of_day: [{ hour: 2 }, { hour: 3 }, { hour: 4 }],
    });
  });

  it("has no break-even without a price by the token", async () => {
    const unpriced = calls.map((call) => ({ ...call, request_model: "unpriced" }));
    const { answer } = await askTool(commitmentUtilisation, unpriced, { args: entered });
    expect(answer.commitment).toMatchObject({ on_demand: null });
    expect(answer.summary).toContain("No token has a known price, so there is no break-even.");
  });
});
