/** A usage store that must not be asked, but for what a test answers in its place. */
import type { UsageStore } from "../../../src/usage/store.ts";

export function absentStore(answers: Partial<UsageStore> = {}): UsageStore {
  const absent = () => Promise.reject(new Error("the store must not be asked for this"));
  return {
    ingest: absent,
    extent: absent,
    groups: absent,
    latencies: absent,
    orderStatistics: absent,
    scan: () => {
      throw new Error("the store must not be asked for this");
    },
    priceVersions: absent,
    examples: absent,
    ...answers,
  };
}
