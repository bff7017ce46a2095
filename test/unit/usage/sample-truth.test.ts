/** The truth about the sample company: differences of bills, checked against plain loops over its records. */
import { describe, expect, it } from "vitest";
import { Lever } from "../../../src/protocol/optimization.ts";
import { cataloguePrices, type PriceLookup, priceRecord } from "../../../src/usage/prices.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { dailyPrices } from "../../../src/usage/sample/daily-prices.ts";
import { DECOYS } from "../../../src/usage/sample/decoys.ts";
import { FEATURES } from "../../../src/usage/sample/features.ts";
import { LEVER_OF, PLANTS } from "../../../src/usage/sample/plants.ts";
import { sampleEvaluations, sampleProfile } from "../../../src/usage/sample/stated.ts";
import { sampleTruth } from "../../../src/usage/sample/truth.ts";
import { sampleRecords } from "../../../src/usage/sample.ts";
import { Evaluation, WorkspaceProfile } from "../../../src/usage/workspace.ts";

const DAY = 24 * 60 * 60_000;
const CACHE_TTL = 5 * 60_000;
const endsAt = Date.UTC(2026, 10, 21, 7, 30);
/** Few days, each as dense as in the whole sample: prompt caches live on that. */
const short = { endsAt, days: 5 };
const truth = sampleTruth(short);
const records = [...sampleRecords({ ...short, defects: false })];
const prices = dailyPrices(cataloguePrices);

const usdOf = (record: UsageRecord) => priceRecord(record, prices).cost_computed ?? 0;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const of = (feature: string) => records.filter((record) => record.feature === feature);

describe("the true saving", () => {
  it("is some of the spend for each plant, and for each lever", () => {
    expect(truth.spendUsd).toBeCloseTo(sum(records.map(usdOf)), 6);
    for (const plant of PLANTS) {
      expect(truth.byPlant[plant].usd, plant).toBeGreaterThan(0.002 * truth.spendUsd);
      expect(truth.byPlant[plant].records, plant).toBeGreaterThan(50);
    }
    for (const lever of Lever.options) {
      const plants = PLANTS.filter((plant) => LEVER_OF[plant] === lever);
      expect(truth.byLever[lever].usd).toBeCloseTo(
        sum(plants.map((plant) => truth.byPlant[plant].usd)),
        6,
      );
    }
  });

  it("of all levers together is the sum of what each leaves the next, and less than the sum of each alone", () => {
    const alone = sum(Lever.options.map((lever) => truth.byLever[lever].usd));
    expect(truth.jointUsd).toBeCloseTo(
      sum(Lever.options.map((lever) => truth.marginalUsd[lever])),
      6,
    );
    expect(truth.jointUsd).toBeLessThan(0.98 * alone);
    expect(truth.jointUsd).toBeGreaterThan(0.25 * truth.spendUsd);
    expect(truth.jointUsd).toBeLessThan(truth.spendUsd);
  });

  it("of the batch tier is half the bill of the nightly summaries", () => {
    const nightly = sum(of("nightly-summaries").map(usdOf));
    expect(truth.byLever.batch.usd).toBeCloseTo(nightly / 2, 6);
  });

  it("leaves no call both to the cache and to the batch tier: what can wait has no beginning to cache", () => {
    const patient = FEATURES.filter(({ plants }) => plants.batchable_night);
    expect(patient).not.toEqual([]);
    for (const { name, tools, system, models, plants } of patient) {
      expect(plants.uncached_prefix, name).toBeUndefined();
      for (const { cacheMinimum } of models) expect(tools + system).toBeLessThan(cacheMinimum);
    }
  });

  it("of the prompt cache is what a use within five minutes reads, less what the others write", () => {
    const prefix = (record: UsageRecord) => record.block_hmacs[1];
    const uses = of("support-chat").filter((record) => prefix(record) !== undefined);
    const saved = uses.map((record, index) => {
      const last = uses[index - 1];
      const again =
        last !== undefined &&
        prefix(last)?.hmac === prefix(record)?.hmac &&
        record.ts - last.ts <= CACHE_TTL;
      const rates = cataloguePrices({
        provider: record.provider,
        model: record.request_model,
        serviceTier: record.service_tier,
        at: record.ts,
        contextTokens: record.input_tokens,
      })?.rates;
      if (!rates) return 0;
      const gain = again ? rates.input - rates.cache_read : rates.input - rates.cache_write;
      return ((prefix(record)?.tokens ?? 0) * gain) / 1e6;
    });
    expect(uses.every((record) => record.cache_read_tokens === 0)).toBe(true);
    expect(truth.byLever.prompt_cache.usd).toBeCloseTo(sum(saved), 6);
  });

  it("of kept answers grows with the time that they are kept", () => {
    const small = { endsAt, days: 2, scale: 0.3 };
    const hour = sampleTruth({ ...small, answerTtlMs: DAY / 24 });
    const day = sampleTruth(small);
    expect(hour.byLever.duplicates.usd).toBeGreaterThan(0);
    expect(day.byLever.duplicates.usd).toBeGreaterThan(1.1 * hour.byLever.duplicates.usd);
  });

  it("doubles with the prices, and does not depend on defects", () => {
    const doubled: PriceLookup = (query) => {
      const price = cataloguePrices(query);
      if (!price) return null;
      const { input, cache_read, cache_write, output } = price.rates;
      return {
        version: price.version,
        rates: {
          input: 2 * input,
          cache_read: 2 * cache_read,
          cache_write: 2 * cache_write,
          output: 2 * output,
        },
      };
    };
    const small = { endsAt, days: 2, scale: 0.3 };
    const [once, twice, clean] = [
      sampleTruth(small),
      sampleTruth({ ...small, prices: doubled }),
      sampleTruth({ ...small, defects: false }),
    ];
    expect(clean).toEqual(once);
    for (const lever of Lever.options) {
      expect(twice.byLever[lever].usd).toBeCloseTo(2 * once.byLever[lever].usd, 6);
    }
    expect(twice.jointUsd).toBeCloseTo(2 * once.jointUsd, 6);
  });

  it("is worth its cost: at three quarters of it, 5,000 US$ and 20 % a month, and 150 % in a year", () => {
    const monthly = (usd: number) => (0.75 * usd * 30.4375) / short.days;
    const { hourly_rate_usd, implementation_hours, running_cost_monthly_usd } =
      WorkspaceProfile.parse(sampleProfile);
    const hours = sum(Lever.options.map((lever) => implementation_hours[lever] ?? Number.NaN));
    const cost = hours * (hourly_rate_usd ?? Number.NaN);
    const yearly = 12 * (monthly(truth.jointUsd) - (running_cost_monthly_usd ?? Number.NaN));
    expect(monthly(truth.jointUsd)).toBeGreaterThan(5_000);
    expect((0.75 * truth.jointUsd) / truth.spendUsd).toBeGreaterThan(0.2);
    expect((yearly - cost) / cost).toBeGreaterThan(1.5);
  });
});

describe("the accidents", () => {
  it("fall on two working days, and cost far more than such a day does", () => {
    expect(truth.anomalyDays.map(({ plant, feature }) => [plant, feature])).toEqual([
      ["retry_storm", "support-chat"],
      ["runaway_agent", "code-review"],
    ]);
    const usual = truth.spendUsd / short.days;
    for (const { date, excessUsd } of sampleTruth({ endsAt, scale: 0.05 }).anomalyDays) {
      expect(new Date(date).getUTCDay() % 6).not.toBe(0);
      expect(20 * excessUsd).toBeGreaterThan(0.4 * usual);
    }
  });

  it("waste what failed and superseded calls cost", () => {
    const attempts = new Map<string | null, number>();
    for (const { logical_request_id, attempt } of records) {
      attempts.set(logical_request_id, Math.max(attempt, attempts.get(logical_request_id) ?? 0));
    }
    const wasted = records.filter(
      ({ status, attempt, logical_request_id }) =>
        status === "error" || attempt < (attempts.get(logical_request_id) ?? 0),
    );
    const direct = sum(wasted.map(usdOf));
    expect(truth.wasteUsd).toBeGreaterThan(0.9 * truth.byPlant.retry_storm.usd);
    expect(Math.abs(truth.wasteUsd / direct - 1)).toBeLessThan(0.05);
  });
});

describe("the decoys", () => {
  it("are named with the lever that must leave them alone", () => {
    const features = new Set(records.map(({ feature }) => feature));
    expect(DECOYS.every(({ feature }) => features.has(feature))).toBe(true);
    expect(truth.decoys).toEqual(DECOYS);
    expect(DECOYS).toHaveLength(5);
  });

  it("are in the records: a short prefix and people who wait, at night", () => {
    const overseas = of("overseas-chat");
    expect(overseas.length).toBeGreaterThan(100);
    for (const { ts, interactive, input_tokens } of overseas) {
      expect(interactive).toBe(1);
      expect(new Date(ts).getUTCHours()).toBeLessThan(7);
      expect(input_tokens).toBeLessThan(10_000);
    }
    expect(Math.max(...overseas.map(({ block_hmacs }) => block_hmacs[1]?.tokens ?? 0))).toBe(300);
  });

  it("are in the records: repeats at temperature 1, and a prefix that comes again too seldom", () => {
    const drafts = of("email-drafts");
    expect(new Set(drafts.map(({ prompt_hmac }) => prompt_hmac)).size).toBeLessThan(
      0.8 * drafts.length,
    );
    expect(new Set(drafts.map(({ request_temperature }) => request_temperature))).toEqual(
      new Set([1]),
    );
    const contracts = [...sampleRecords({ endsAt, days: 14, scale: 1, defects: false })].filter(
      ({ feature, input_tokens }) => feature === "contract-analysis" && input_tokens > 0,
    );
    const again = contracts.filter(
      ({ ts }, index) => ts - (contracts[index - 1]?.ts ?? 0) <= CACHE_TTL,
    );
    expect(again.length / contracts.length).toBeLessThan(0.2);
  });

  it("are among the evaluations: a small model that fails, beside one that passes", () => {
    const evaluations = sampleEvaluations({ endsAt });
    expect(evaluations.every((each) => Evaluation.safeParse(each).success)).toBe(true);
    expect(sampleEvaluations({ endsAt })).toEqual(evaluations);
    const sets = Map.groupBy(evaluations, ({ evaluation_set }) => evaluation_set);
    const passes = (set: string) => {
      const items = sets.get(set) ?? [];
      expect(items.length).toBeGreaterThanOrEqual(300);
      return items.filter(({ to_passed }) => to_passed === 1).length / items.length;
    };
    expect(passes("triage-labels")).toBeGreaterThan(0.93);
    expect(passes("review-findings")).toBeLessThan(0.8);
  });
});

describe("the control company", () => {
  const control = sampleTruth({ ...short, company: "control" });

  it("has nothing to save, no accident, and hardly any waste", () => {
    expect(control.jointUsd).toBe(0);
    for (const plant of PLANTS) expect(control.byPlant[plant]).toEqual({ usd: 0, records: 0 });
    expect(control.anomalyDays).toEqual([]);
    expect(control.wasteUsd).toBeLessThan(0.01 * control.spendUsd);
  });

  it("costs what the sample would without its plants, accidents included", () => {
    expect(control.spendUsd).toBeLessThan(truth.spendUsd - truth.jointUsd);
    expect(control.spendUsd).toBeGreaterThan(0.3 * truth.spendUsd);
  });

  it("has evaluations that speak against moving what is left", () => {
    const left = sampleEvaluations({ endsAt, company: "control" });
    expect(left.filter(({ to_passed }) => to_passed === 1).length).toBeLessThan(0.1 * left.length);
  });
});
