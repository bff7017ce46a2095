/** Loading the sample company: all of it, told as it goes, completed where it was interrupted. */
import { describe, expect, it } from "vitest";
import { ApexError } from "../../../src/protocol/errors.ts";
import { loadSampleRecords, stateSample } from "../../../src/usage/load-sample.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import { sampleRecords } from "../../../src/usage/sample.ts";
import type { IngestReceipt } from "../../../src/usage/store.ts";

const DAY = 24 * 60 * 60_000;
const endsAt = Date.UTC(2026, 10, 21, 7, 30);
const options = { endsAt, days: 12, scale: 0.05, batch: 500 };
const delivered = [...sampleRecords(options)];
const distinct = new Map(delivered.map((record) => [record.record_id, record]));

/** A store that fails after so many batches. */
function store(batches = Number.POSITIVE_INFINITY) {
  const kept = new Map<string, UsageRecord>();
  let left = batches;
  return {
    kept,
    recover() {
      left = Number.POSITIVE_INFINITY;
    },
    async extent() {
      const times = [...kept.values()].map(({ ts }) => ts);
      return times.length === 0
        ? null
        : { first: Math.min(...times), last: Math.max(...times), records: times.length };
    },
    async ingest(records: readonly UsageRecord[]): Promise<IngestReceipt> {
      if (left === 0) throw new ApexError("unavailable", "The database is gone.");
      left -= 1;
      const before = kept.size;
      for (const record of records) {
        if (!kept.has(record.record_id)) kept.set(record.record_id, record);
      }
      const stored = kept.size - before;
      return { stored, known: records.length - stored, quarantined: 0 };
    },
  };
}

describe("loading the sample company", () => {
  it("is completed by the next load where it was interrupted, as of the day it began", async () => {
    const usage = store(1);
    await expect(loadSampleRecords(usage, options)).rejects.toMatchObject({ code: "unavailable" });
    expect(usage.kept.size).toBeGreaterThan(0);
    expect(usage.kept.size).toBeLessThan(distinct.size);
    usage.recover();
    const receipt = await loadSampleRecords(usage, { ...options, endsAt: endsAt + 3 * DAY });
    expect(receipt.stored + receipt.known).toBe(delivered.length);
    expect(usage.kept).toEqual(distinct);
  });

  it("stores each record once, however often it is loaded", async () => {
    const usage = store();
    const known = delivered.length - distinct.size;
    expect(await loadSampleRecords(usage, options)).toEqual({
      stored: distinct.size,
      known,
      quarantined: 0,
    });
    expect(await loadSampleRecords(usage, options)).toEqual({
      stored: 0,
      known: delivered.length,
      quarantined: 0,
    });
  });

  it("tells how far it is, up to the last record", async () => {
    const told: (readonly [number, number])[] = [];
    await loadSampleRecords(store(), {
      ...options,
      onProgress: (...progress) => told.push(progress),
    });
    expect(told.length).toBeGreaterThan(1);
    expect(told.map(([loaded]) => loaded)).toEqual(
      told.map(([loaded]) => loaded).toSorted((left, right) => left - right),
    );
    const [loaded, expected] = told.at(-1) ?? [0, 1];
    expect(loaded).toBe(delivered.length);
    expect(Math.abs(loaded / expected - 1)).toBeLessThan(0.2);
  });

  it("states the profile last, since it marks that all is there", async () => {
    const saved: string[] = [];
    await stateSample(
      {
        saveEvaluations: async (workspace, evaluations) => {
          saved.push(`${workspace}: ${evaluations.length} evaluations`);
        },
        saveProfile: async (workspace, { name }) => {
          saved.push(`${workspace}: profile of ${name}`);
        },
      },
      { endsAt },
    );
    expect(saved).toEqual(["sample: 960 evaluations", "sample: profile of Sample company"]);
  });
});
