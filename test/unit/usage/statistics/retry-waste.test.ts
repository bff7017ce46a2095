/** What is wasted, once each, in whatever order the calls come. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cataloguePrices, priceRecord } from "../../../../src/usage/prices.ts";
import type { PricedRecord } from "../../../../src/usage/record.ts";
import { FAILURES_BY, wasteReport } from "../../../../src/usage/statistics/retry-waste.ts";
import { groupsOf, supersededOf, usageRecord } from "../records.ts";

const plain = priceRecord(usageRecord({ feature: "chat" }), cataloguePrices);

/** @returns a call of a dollar, but for what is changed. */
function call(changes: Partial<PricedRecord> = {}): PricedRecord {
  return { ...plain, cost_computed: 1, ...changes };
}

const failure = (changes: Partial<PricedRecord> = {}) =>
  call({ status: "error", error_type: "timeout", ...changes });

function wasteOf(calls: readonly PricedRecord[]) {
  return wasteReport(groupsOf(calls, FAILURES_BY), supersededOf(calls));
}

const anyCall = fc
  .record({
    id: fc.constantFrom(null, "a", "b", "c"),
    attempt: fc.integer({ min: 1, max: 4 }),
    failed: fc.boolean(),
    tokens: fc.boolean(),
    cents: fc.option(fc.nat(500)),
    feature: fc.constantFrom(null, "chat", "search"),
  })
  .map(({ id, attempt, failed, tokens, cents, feature }) =>
    call({
      logical_request_id: id,
      attempt,
      feature,
      status: failed ? "error" : "ok",
      error_type: failed ? "timeout" : null,
      input_tokens: tokens ? 10 : 0,
      output_tokens: 0,
      // Quarters add up exactly, in any order.
      cost_computed: cents === null ? null : tokens ? cents / 4 : 0,
    }),
  );

describe("waste", () => {
  it("is nothing where every call succeeded at once", () => {
    expect(wasteOf([call(), call({ logical_request_id: "a" })])).toMatchObject({
      calls: 2,
      failedUsd: 0,
      supersededUsd: 0,
      parts: [],
    });
  });

  it("counts a failed first attempt once, though it was superseded too", () => {
    const report = wasteOf([
      failure({ logical_request_id: "a", cost_computed: 3 }),
      call({ logical_request_id: "a", attempt: 2, cost_computed: 5 }),
    ]);
    expect(report).toMatchObject({ failedUsd: 3, supersededUsd: 0, supersededCalls: 0 });
    expect(report.parts).toEqual([
      {
        reason: "failed",
        errorType: "timeout",
        feature: "chat",
        calls: 1,
        usd: 3,
        unpriced: 0,
      },
    ]);
  });

  it("counts what succeeded and was made again, but for the last", () => {
    const attempts = [1, 2, 3].map((attempt) =>
      call({ logical_request_id: "a", attempt, cost_computed: attempt }),
    );
    expect(wasteOf(attempts)).toMatchObject({
      failedUsd: 0,
      supersededUsd: 3,
      supersededCalls: 2,
      parts: [{ reason: "superseded", errorType: null, calls: 2, usd: 3 }],
    });
  });

  it("takes calls of one attempt for side by side, not for retries", () => {
    const both = [call({ logical_request_id: "a" }), call({ logical_request_id: "a" })];
    expect(wasteOf(both).supersededCalls).toBe(0);
    expect(wasteOf([...both, call({ logical_request_id: "a", attempt: 2 })]).supersededCalls).toBe(
      2,
    );
  });

  it("counts nothing of buckets, which tell no calls apart", () => {
    const bucket = failure({ granularity: "bucket", n_requests: 9 });
    expect(wasteOf([bucket])).toMatchObject({ calls: 0, failedCalls: 0, parts: [] });
  });

  it("leaves a call without a price out of the sum, and says so", () => {
    expect(wasteOf([failure({ cost_computed: null }), failure()])).toMatchObject({
      failedUsd: 1,
      unpricedCalls: 1,
      parts: [{ calls: 2, usd: 1 }],
    });
  });

  it("is parted by error and feature, the costliest first", () => {
    const { parts } = wasteOf([
      failure({ feature: "a" }),
      failure({ feature: "b", cost_computed: 4 }),
      failure({ feature: "a", error_type: "server_error", cost_computed: 3 }),
      failure({ feature: "a" }),
    ]);
    expect(parts.map(({ errorType, feature, usd }) => [errorType, feature, usd])).toEqual([
      ["timeout", "b", 4],
      ["server_error", "a", 3],
      ["timeout", "a", 2],
    ]);
  });

  it("is the same in every order", () => {
    fc.assert(
      fc.property(
        fc
          .array(anyCall, { maxLength: 20 })
          .chain((calls) =>
            fc.tuple(fc.constant(calls), fc.shuffledSubarray(calls, { minLength: calls.length })),
          ),
        ([calls, shuffled]) => {
          expect(wasteOf(shuffled)).toEqual(wasteOf(calls));
        },
      ),
    );
  });

  it("is never above what was spent, and its parts are the whole", () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 20 }), (calls) => {
        const { failedUsd, supersededUsd, parts } = wasteOf(calls);
        const spent = calls.reduce((sum, { cost_computed }) => sum + (cost_computed ?? 0), 0);
        expect(failedUsd + supersededUsd).toBeLessThanOrEqual(spent);
        expect(parts.reduce((sum, { usd }) => sum + usd, 0)).toBe(failedUsd + supersededUsd);
      }),
    );
  });

  it("doubles where every price doubled", () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 20 }), (calls) => {
        const dearer = calls.map((one) => ({
          ...one,
          cost_computed: one.cost_computed && 2 * one.cost_computed,
        }));
        const [before, after] = [wasteOf(calls), wasteOf(dearer)];
        expect(after.failedUsd).toBe(2 * before.failedUsd);
        expect(after.supersededUsd).toBe(2 * before.supersededUsd);
      }),
    );
  });
});
