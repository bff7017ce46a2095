/** The breakdown against the window before, where a change of the clock lies between them. */
import { describe, expect, it } from "vitest";
import { costBreakdown } from "../../../src/tools/cost-breakdown.ts";
import { HOUR_MS } from "../../../src/usage/calendar.ts";
import { askTool, callsOf } from "./ask-tool.ts";

/** A dollar each hour, from two days before Berlin's clocks went back to two days after. */
const hourly = callsOf(97, (index) => ({
  ts: Date.parse("2026-10-24T00:00:00+02:00") + index * HOUR_MS,
  feature: index % 2 === 0 ? "chat" : "search",
}));

const ask = (from: string, to: string, dimensions: string[]) =>
  askTool(costBreakdown, hourly, {
    args: { dimensions, window: { from, to, time_zone: "Europe/Berlin" } },
  });

describe("cost_breakdown", () => {
  it("says that the table of its summary leaves out groups past the tenth", async () => {
    const many = callsOf(20, (index) => ({ ts: index, feature: `feature-${index}` }));
    const asked = (top: number) =>
      askTool(costBreakdown, many, { args: { dimensions: ["feature"], top } });
    expect((await asked(15)).answer.summary).toContain("The table has the first 10 of 20.");
    const { answer } = await asked(10);
    expect(answer.summary).toContain("other (10)");
    expect(answer.summary).not.toContain("The table has");
  });

  it("holds a local day of 25 hours against the one of 24 before it", async () => {
    const { answer } = await ask("2026-10-25", "2026-10-26", ["model"]);
    expect(answer).toMatchObject({
      value: 25,
      total: { change: { prior_usd: 24, change_usd: 1, volume_effect_usd: 1 } },
    });
  });

  it("holds two local days against the two before, though these are an hour longer", async () => {
    const { answer } = await ask("2026-10-26", "2026-10-28", ["model"]);
    expect(answer).toMatchObject({ value: 48, total: { change: { prior_usd: 49 } } });
  });

  it("gives hours and days their cost alone, and says that they are UTC's", async () => {
    const { answer } = await ask("2026-10-26", "2026-10-27", ["hour", "day", "feature"]);
    expect(answer).toMatchObject({ value: 24, total: { change: { prior_usd: 25 } } });
    expect(answer.rows).toMatchObject(Array.from({ length: 10 }, () => ({ change: null })));
    expect(answer.assumptions.join(" ")).toMatch(/Days and hours have no counterpart.*in UTC\./);
  });

  it("holds a window of days to come against as many as are over, and says how far records reach", async () => {
    const { answer } = await ask("2026-10-26", "2026-11-26", ["model"]);
    expect(answer).toMatchObject({
      value: 48,
      // 47 hours and the last one's first millisecond, before and after: 48 calls each.
      total: { change: { prior_usd: 48, change_usd: 0 } },
    });
    expect(answer.assumptions.join(" ")).toMatch(/Records reach from .* to 2026-10-27T22:00/);
  });

  it("holds no hours against hours before records began", async () => {
    const { answer } = await ask("2026-10-24T10:00:00+02:00", "2026-10-24T20:00:00+02:00", [
      "model",
    ]);
    expect(answer).toMatchObject({ value: 10, total: { change: { prior_usd: 10 } } });
    const early = await ask("2026-10-24T04:00:00+02:00", "2026-10-24T14:00:00+02:00", ["model"]);
    expect(early.answer).toMatchObject({ value: 10, total: { change: null } });
  });
});
