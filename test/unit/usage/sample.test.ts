/** The sample company: always the same, and fit to try every tool on. */
import { describe, expect, it } from "vitest";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import { admit, UsageRecord } from "../../../src/usage/record.ts";
import { SAMPLE_DAYS, sampleRecords } from "../../../src/usage/sample.ts";

const DAY = 24 * 60 * 60_000;
const endsAt = Date.UTC(2026, 10, 21, 7, 30);
const records = [...sampleRecords({ endsAt })];

const distinct = (of: (record: UsageRecord) => unknown) => new Set(records.map(of)).size;

describe("the sample company", () => {
  it("is the same for the same seed and end, and another for another seed", () => {
    expect([...sampleRecords({ endsAt })]).toEqual(records);
    expect([...sampleRecords({ endsAt, seed: 7 })]).not.toEqual(records);
  });

  it("has about 12,000 records, all valid and none to be set aside", () => {
    expect(records.length).toBeGreaterThan(11_000);
    expect(records.length).toBeLessThan(13_000);
    for (const record of records) {
      expect(UsageRecord.parse(record)).toEqual(record);
      expect(admit(record).ok).toBe(true);
    }
    expect(distinct((record) => record.record_id)).toBe(records.length);
  });

  it("covers sixty whole days that end before the day of the given moment", () => {
    const days = records.map((record) => Math.floor(record.ts / DAY));
    const today = Math.floor(endsAt / DAY);
    expect(new Set(days).size).toBe(SAMPLE_DAYS);
    expect(Math.min(...days)).toBe(today - SAMPLE_DAYS);
    expect(Math.max(...days)).toBe(today - 1);
  });

  it("has six features, four teams, and six models of four providers, one without a price", () => {
    expect(distinct((record) => record.feature)).toBe(6);
    expect(distinct((record) => record.team)).toBe(4);
    expect(distinct((record) => record.request_model)).toBe(6);
    expect(distinct((record) => record.provider)).toBe(4);
    const unpriced = records
      .map((record) => priceRecord(record, cataloguePrices))
      .filter((record) => record.cost_computed === null);
    expect(new Set(unpriced.map((record) => record.request_model))).toEqual(
      new Set(["atlas-70b-instruct"]),
    );
  });

  it("grows, rests at weekends, fails at times and tries again under the same request", () => {
    const half = endsAt - 30 * DAY;
    const late = records.filter((record) => record.ts >= half).length;
    expect(late).toBeGreaterThan(1.1 * (records.length - late));
    const weekend = records.filter((record) => [0, 6].includes(new Date(record.ts).getUTCDay()));
    expect(weekend.length / records.length).toBeLessThan(0.2);
    const failed = records.filter((record) => record.status === "error");
    expect(failed.length / records.length).toBeGreaterThan(0.01);
    expect(failed.length / records.length).toBeLessThan(0.05);
    expect(failed.every((record) => record.error_type !== null)).toBe(true);
    const failedRequests = new Set(failed.map((record) => record.logical_request_id));
    const retries = records.filter((record) => record.attempt === 2);
    expect(retries.length).toBeGreaterThan(50);
    expect(retries.every((record) => failedRequests.has(record.logical_request_id))).toBe(true);
  });
});
