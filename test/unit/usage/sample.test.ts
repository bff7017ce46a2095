/** The sample company: always the same, of the size and shape of a real one, with known defects. */
import { describe, expect, it } from "vitest";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import { admit, UsageRecord } from "../../../src/usage/record.ts";
import { dailyPrices } from "../../../src/usage/sample/daily-prices.ts";
import { expectedRecords, SAMPLE_DAYS, sampleRecords } from "../../../src/usage/sample.ts";

const DAY = 24 * 60 * 60_000;
const DAYS_A_MONTH = 30.4375;
const endsAt = Date.UTC(2026, 10, 21, 7, 30);
const prices = dailyPrices(cataloguePrices);
/** Dense enough for shapes, and small enough to look at each record. */
const thin = { endsAt, scale: 0.05 };
const delivered = [...sampleRecords(thin)];
const records = [...new Map(delivered.map((record) => [record.record_id, record])).values()];
const clean = [...sampleRecords({ ...thin, defects: false })];

const costOf = (record: UsageRecord) => priceRecord(record, prices).cost_computed;
const distinct = (of: (record: UsageRecord) => unknown) => new Set(records.map(of)).size;
const shareOf = (part: readonly unknown[], whole: readonly unknown[]) => part.length / whole.length;

describe("the sample company", () => {
  it("is the same for the same seed and end, and another for another seed", () => {
    const [one, same, other] = [11, 11, 12].map((seed) => [
      ...sampleRecords({ endsAt, seed, days: 2, scale: 0.2 }),
    ]);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it("has about 200,000 records, at tens of thousands of dollars a month", {
    timeout: 60_000,
  }, () => {
    let count = 0;
    let usd = 0;
    for (const record of sampleRecords({ endsAt, defects: false })) {
      count += 1;
      usd += costOf(record) ?? 0;
    }
    expect(count).toBeGreaterThan(195_000);
    expect(count).toBeLessThan(210_000);
    expect(count / expectedRecords({ endsAt })).toBeCloseTo(1, 1);
    expect((usd / SAMPLE_DAYS) * DAYS_A_MONTH).toBeGreaterThan(19_000);
    expect((usd / SAMPLE_DAYS) * DAYS_A_MONTH).toBeLessThan(30_000);
  });

  it("has valid records alone, none to be set aside, in the workspace it is asked for", () => {
    const broken = delivered.filter(
      (record) => !UsageRecord.safeParse(record).success || !admit(record).ok,
    );
    expect(broken).toEqual([]);
    const [own] = sampleRecords({ ...thin, workspaceId: "mine" });
    expect(own?.workspace_id).toBe("mine");
  });

  it("covers sixty whole days that end before the day of the given moment", () => {
    const days = records.map((record) => Math.floor(record.ts / DAY));
    const today = Math.floor(endsAt / DAY);
    expect(new Set(days).size).toBe(SAMPLE_DAYS);
    expect(Math.min(...days)).toBe(today - SAMPLE_DAYS);
    expect(Math.max(...days)).toBe(today - 1);
  });

  it("has eleven features, four teams and seven models of four providers, one without a price", () => {
    expect(distinct((record) => record.feature)).toBe(11);
    expect(distinct((record) => record.team)).toBe(4);
    expect(distinct((record) => record.request_model)).toBe(7);
    expect(distinct((record) => record.provider)).toBe(4);
    const unpriced = records.filter((record) => costOf(record) === null);
    expect(new Set(unpriced.map((record) => record.request_model))).toEqual(
      new Set(["atlas-70b-instruct"]),
    );
  });

  it("grows, rests at weekends, fails at times and tries again under the same request", () => {
    const ordinary = clean.filter(({ feature }) => feature === "ticket-triage");
    const late = ordinary.filter(({ ts }) => ts >= endsAt - 30 * DAY).length;
    expect(late).toBeGreaterThan(1.03 * (ordinary.length - late));
    const weekend = records.filter((record) => [0, 6].includes(new Date(record.ts).getUTCDay()));
    expect(shareOf(weekend, records)).toBeLessThan(0.22);
    const failed = records.filter((record) => record.status === "error");
    expect(shareOf(failed, records)).toBeGreaterThan(0.01);
    expect(shareOf(failed, records)).toBeLessThan(0.06);
    expect(failed.every((record) => record.error_type !== null)).toBe(true);
    const attempted = new Set(records.map((record) => record.record_id));
    const retries = records.filter((record) => record.attempt > 1);
    expect(retries.length).toBeGreaterThan(50);
    for (const { logical_request_id, attempt } of retries) {
      expect(attempted.has(`${logical_request_id}-${attempt - 1}`)).toBe(true);
    }
  });

  it("is reported at the cost that its prices come to, where its source reports one", () => {
    const reported = records.filter((record) => record.cost_reported !== null);
    expect(shareOf(reported, records)).toBeGreaterThan(0.8);
    const gaps = reported.map((record) =>
      Math.abs((costOf(record) ?? 0) - (record.cost_reported ?? 0)),
    );
    expect(Math.max(...gaps)).toBeLessThan(1e-6);
  });

  it("chains the hashes of a prompt's blocks, whose tokens add up to the input", () => {
    const blocks = clean.filter((record) => record.input_tokens > 0);
    const broken = blocks.filter(
      ({ block_hmacs: [tools, system, messages, ...more], ...record }) => {
        const rises = (tools?.tokens ?? 0) < (system?.tokens ?? 0);
        const ends =
          messages?.hmac === record.prompt_hmac && messages.tokens === record.input_tokens;
        return !rises || !ends || more.length > 0;
      },
    );
    expect(broken).toEqual([]);
    const chat = blocks.filter(
      ({ feature, prompt_version }) => feature === "support-chat" && prompt_version === "v2",
    );
    expect(new Set(chat.map(({ block_hmacs }) => block_hmacs[1]?.hmac)).size).toBe(1);
    expect(new Set(chat.map(({ prompt_hmac }) => prompt_hmac)).size).toBeGreaterThan(
      0.9 * chat.length,
    );
  });
});

describe("the defects of its records", () => {
  it("are one missing hash in ten, wrong flags for one in twelve, and some records twice", () => {
    const byId = new Map(clean.map((record) => [record.record_id, record]));
    expect(records).toHaveLength(clean.length);
    const hashless = records.filter(({ prompt_hmac }) => prompt_hmac === null);
    expect(shareOf(hashless, records)).toBeCloseTo(0.1, 1.7);
    const flagged = records.filter(({ interactive }) => interactive !== null);
    const wrong = flagged.filter(
      ({ record_id, interactive }) => byId.get(record_id)?.interactive !== interactive,
    );
    expect(shareOf(wrong, flagged)).toBeCloseTo(0.08, 1.7);
    expect(delivered.length - records.length).toBeGreaterThan(0.002 * records.length);
    expect(delivered.length - records.length).toBeLessThan(0.01 * records.length);
  });

  it("touch no token, no cost and no time", () => {
    const bare = ({ prompt_hmac: _, block_hmacs: __, interactive: ___, ...rest }: UsageRecord) =>
      rest;
    expect(records.map(bare)).toEqual(clean.map(bare));
  });
});
