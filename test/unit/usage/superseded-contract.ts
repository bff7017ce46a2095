/** What every usage store gives of attempts that were made again, held against plain loops. */
import { describe, expect, it } from "vitest";
import type { PricedRecord } from "../../../src/usage/record.ts";
import type { Scope, Superseded, UsageStore } from "../../../src/usage/store.ts";
import { supersededOf } from "./records.ts";
import { everything, MINUTE, series, start } from "./stored-records.ts";

/** Holds a store to the port. The name of each workspace is used once. */
export function holdSupersededToContract(store: UsageStore): void {
  describe("superseded attempts", () => {
    const attempts = (of: string, list: readonly (readonly [string | null, number])[]) =>
      series(of, list.length, (index) => {
        const [logical_request_id = null, attempt = 1] = list[index] ?? [];
        return { logical_request_id, attempt };
      });
    const callsIn = async (scope: Scope) =>
      (await store.superseded(scope)).map(({ feature, calls, unpriced }) => [
        feature,
        calls,
        unpriced,
      ]);

    it("are those that succeeded, though a later attempt at the same request was made", async () => {
      await store.ingest(
        attempts("again", [
          ["once", 1],
          ["again", 1],
          [null, 1],
          ["again", 2],
          ["again", 3],
          [null, 2],
        ]),
      );
      // Another workspace's attempt supersedes nothing.
      await store.ingest(attempts("again-elsewhere", [["once", 2]]));
      expect(await callsIn(everything("again"))).toEqual([[null, 2, 0]]);
      const [superseded] = await store.superseded(everything("again"));
      const [all] = await store.groups(everything("again"), []);
      expect(superseded?.usd).toBeCloseTo((all?.sums.cost_usd ?? Number.NaN) / 3, 9);
    });

    it("are not those whose later attempt stands outside the window, or the filter", async () => {
      const list = attempts("again-later", [
        ["a", 1],
        ["a", 2],
      ]).map((record, index) => ({ ...record, feature: index === 0 ? "chat" : "search" }));
      await store.ingest(list);
      const scope = everything("again-later");
      expect(await callsIn(scope)).toEqual([["chat", 1, 0]]);
      expect(await callsIn({ ...scope, to: start + MINUTE })).toEqual([]);
      expect(await callsIn({ ...scope, from: start + MINUTE })).toEqual([]);
      expect(await callsIn({ ...scope, filters: { feature: "chat" } })).toEqual([]);
    });

    it("stand side by side where their numbers are alike, and a failed or summed one wastes nothing here", async () => {
      const alike = attempts("again-alike", [
        ["side", 1],
        ["side", 1],
        ["failed", 1],
        ["failed", 2],
        ["bucket", 1],
        ["bucket", 2],
        ["last-failed", 1],
        ["last-failed", 2],
        ["unpriced", 1],
        ["unpriced", 2],
      ]).map((record, index) => ({
        ...record,
        status: [2, 7].includes(index) ? ("error" as const) : ("ok" as const),
        granularity: index === 5 ? ("bucket" as const) : ("request" as const),
        request_model: index === 8 ? "unknown-model" : record.request_model,
      }));
      await store.ingest(alike);
      expect(await callsIn(everything("again-alike"))).toEqual([[null, 2, 1]]);
    });
  });
}

/** Holds what a store gives of a scope, all of it and of one model, against its records. */
export async function expectSuperseded(
  store: UsageStore,
  scope: Scope,
  records: readonly PricedRecord[],
): Promise<void> {
  for (const filters of [{}, { model: "gpt-5.4" }]) {
    const given = byFeature(await store.superseded({ ...scope, filters }));
    const expected = byFeature(
      supersededOf(
        records.filter(({ request_model }) => request_model === (filters.model ?? request_model)),
      ),
    );
    const countsOf = (parts: readonly Superseded[]) => parts.map(({ usd: _, ...counts }) => counts);
    expect(countsOf(given)).toEqual(countsOf(expected));
    for (const [index, { usd }] of given.entries()) {
      expect(usd).toBeCloseTo(expected[index]?.usd ?? Number.NaN, 6);
    }
  }
}

function byFeature(superseded: readonly Superseded[]): Superseded[] {
  return superseded.toSorted((one, other) =>
    JSON.stringify(one.feature) < JSON.stringify(other.feature) ? -1 : 1,
  );
}
