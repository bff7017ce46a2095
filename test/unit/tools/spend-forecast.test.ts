/** The forecast and the budget as they are told. */
import { describe, expect, it } from "vitest";
import { budgetAlert } from "../../../src/tools/budget-alert.ts";
import { spendForecast } from "../../../src/tools/spend-forecast.ts";
import { DAY_MS } from "../../../src/usage/calendar.ts";
import { askTool, callsOf, dollars, figureOf } from "./ask-tool.ts";

/** The hours at which a day has a call, the first and last within reach of its ends. */
const HOURS = [0, 12, 23.5];

/** So many whole days, from Monday, August 31st, with three calls of a dollar each. */
function alike(days: number, tokens: (day: number) => number = () => 1e6) {
  return callsOf(days * HOURS.length, (index) => {
    const day = Math.floor(index / HOURS.length);
    const hour = HOURS[index % HOURS.length] ?? 0;
    return {
      ts: Date.UTC(2026, 7, 31) + day * DAY_MS + hour * 3_600_000,
      input_tokens: tokens(day),
    };
  });
}

/** Up and down by a third, day after day, so that a forecast has chances to draw. */
const lively = (day: number) => 1e6 * (1 + Math.sin(day * 2.4) / 3);

describe("spend_forecast", () => {
  it("says that a window is empty", async () => {
    const { answer, findings } = await askTool(spendForecast, []);
    expect(answer).toMatchObject({ value: null, total: null, not_assessable: null, days: [] });
    expect(answer.summary).toContain("no records in this window");
    expect(findings).toEqual([]);
  });

  it("cannot say without a price, nor without a whole day", async () => {
    const unpriced = alike(40).map((call) => ({ ...call, request_model: "unpriced" }));
    const noPrice = await askTool(spendForecast, unpriced);
    expect(noPrice.answer).toMatchObject({ value: null, total: null });
    expect(noPrice.answer.not_assessable).toContain("No record has a known price");
    const noDay = await askTool(
      spendForecast,
      callsOf(5, () => ({})),
    );
    expect(noDay.answer.not_assessable).toContain("cover no whole day");
  });

  it("gives a run rate without an interval under 28 days", async () => {
    const { answer, findings } = await askTool(spendForecast, alike(27), {
      args: { horizon_days: 10 },
    });
    expect(answer).toMatchObject({
      value: 30,
      interval: null,
      total: null,
      past_days: 27,
      past_days_needed: 28,
      run_rate_usd_per_day: 3,
      days: [],
    });
    expect(answer.assumptions.join(" ")).toContain("Only 27 whole days are usable");
    expect(answer.summary).toContain("A forecast with a band takes 28 whole days");
    expect(findings.map(({ name, value }) => [name, value])).toEqual([
      ["run-rate cost of 10 days", 30],
      ["cost a day", 3],
    ]);
  });

  it("goes by what was imported, not by what the chat itself costs weeks later", async () => {
    const chat = callsOf(1, () => ({
      record_id: "chat",
      ts: Date.UTC(2026, 10, 20),
      feature: "apex-edge",
    }));
    const { answer } = await askTool(spendForecast, [...alike(28), ...chat]);
    expect(answer).toMatchObject({ value: 90, past_days: 28, run_rate_usd_per_day: 3 });
  });

  it("goes on as before where every day was alike", async () => {
    const { answer, findings } = await askTool(spendForecast, alike(28));
    expect(answer).toMatchObject({
      value: 90,
      interval: { low: 90, high: 90 },
      basis: "simulated",
      horizon_days: 30,
      past_days: 28,
    });
    expect(answer.days).toHaveLength(30);
    expect(answer.days).toContainEqual({ day: "2026-09-28", p10: 3, p50: 3, p90: 3 });
    expect(findings[0]).toMatchObject({
      name: "forecast cost of 30 days",
      value: 90,
      interval: { low: 90, high: 90 },
    });
  });

  it("has a band where days differ, the same for the same question, doubled by doubled prices", async () => {
    const calls = alike(60, (day) => Math.round(lively(day)));
    const one = await askTool(spendForecast, calls);
    const again = await askTool(spendForecast, calls.toReversed());
    expect(again).toEqual(one);
    const { low, high } = one.answer.interval ?? { low: 0, high: 0 };
    expect(low).toBeLessThan(one.answer.value ?? 0);
    expect(high).toBeGreaterThan(one.answer.value ?? 0);
    const doubled = await askTool(spendForecast, calls, {
      prices: (query) => {
        const price = dollars(query);
        return price && { ...price, rates: { ...price.rates, input: 2 } };
      },
    });
    expect(doubled.answer.value).toBeCloseTo(2 * (one.answer.value ?? 0), 4);
  });

  it("stays readable at its longest", async () => {
    const { answer } = await askTool(
      spendForecast,
      alike(366, (day) => Math.round(lively(day))),
      { args: { horizon_days: 90, window: { last_days: 366 } } },
    );
    expect(answer.past_days).toBe(366);
  });

  it("counts days of a local zone over a change of the clock", async () => {
    const { answer } = await askTool(spendForecast, alike(60), {
      args: { window: { time_zone: "America/New_York" } },
    });
    // Each local day has three calls, whatever the clock does; the ends are covered in part.
    expect(answer.past_days).toBe(59);
    expect(answer.run_rate_usd_per_day).toBe(3);
  });
});

describe("budget_alert", () => {
  /** Through September 30th and ten days of October. */
  const calls = alike(41);

  it("says that a window is empty", async () => {
    const { answer } = await askTool(budgetAlert, [], { args: { limit_usd: 100 } });
    expect(answer).toMatchObject({ value: null, not_assessable: null, thresholds: [] });
  });

  it("cannot say without a limit, nor takes a month's for a week's", async () => {
    const none = await askTool(budgetAlert, calls);
    expect(none.answer).toMatchObject({ value: null, spent_usd: null, limit_usd: null });
    expect(none.answer.not_assessable).toContain("the workspace states none");
    expect(none.findings).toEqual([]);
    const week = await askTool(budgetAlert, calls, {
      args: { period: "week" },
      profile: { monthly_budget_usd: 100 },
    });
    expect(week.answer.not_assessable).toContain("by the month");
  });

  it("cannot say without a price", async () => {
    const unpriced = calls.map((call) => ({ ...call, request_model: "unpriced" }));
    const { answer } = await askTool(budgetAlert, unpriced, { args: { limit_usd: 5 } });
    expect(answer).toMatchObject({ spent_usd: null, limit_usd: 5 });
    expect(answer.not_assessable).toContain("No record has a known price");
  });

  it("holds the month against the budget that the workspace states", async () => {
    const { answer, findings } = await askTool(budgetAlert, calls, {
      profile: { monthly_budget_usd: 50 },
    });
    expect(answer).toMatchObject({
      value: 93,
      interval: { low: 93, high: 93 },
      limit_usd: 50,
      first_day: "2026-10-01",
      end_day: "2026-11-01",
      spent_usd: 30,
      spent_pct: 60,
      days_left: 21,
      over_limit_pct: 100,
      thresholds: [
        { threshold_pct: 50, state: "crossed", crossed_on: "2026-10-09" },
        { threshold_pct: 80, state: "forecast", crossed_on: null, likelihood_pct: 100 },
        { threshold_pct: 100, state: "forecast", crossed_on: null, likelihood_pct: 100 },
      ],
    });
    expect(answer.assumptions).toContain(
      "The limit is the monthly budget that the workspace states.",
    );
    expect(figureOf(findings, "likelihood of ending above the limit")).toBe(100);
    expect(findings.find(({ name }) => name === "budget limit")?.basis).toBe("assumed");
  });

  it("looks at the days of the period before its window too", async () => {
    const { answer } = await askTool(budgetAlert, calls, {
      args: { limit_usd: 50, window: { last_days: 2 } },
    });
    expect(answer).toMatchObject({
      spent_usd: 30,
      over_limit_pct: null,
      interval: null,
      value: 93,
    });
    expect(answer.window.from).toBe("2026-10-01T00:00:00.000Z");
    expect(answer.summary).toContain("too few whole days are there for a likelihood");
  });

  it("tells that a stated budget is not one of a part", async () => {
    const { answer } = await askTool(
      budgetAlert,
      calls.map((call) => ({ ...call, feature: "chat" })),
      { args: { filters: { feature: "chat" } }, profile: { monthly_budget_usd: 500 } },
    );
    expect(answer).toMatchObject({ over_limit_pct: 0, thresholds: [{ state: "clear" }, {}, {}] });
    expect(answer.assumptions.join(" ")).toContain("the filters look at a part");
  });
});
