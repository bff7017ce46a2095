/** Stores that must not be asked, but for what a test answers in their place. */
import type { UsageStore } from "../../../src/usage/store.ts";
import type { WorkspaceStore } from "../../../src/usage/workspace.ts";

const absent = () => Promise.reject(new Error("the store must not be asked for this"));

export function absentStore(answers: Partial<UsageStore> = {}): UsageStore {
  return {
    ingest: absent,
    extent: absent,
    groups: absent,
    latencies: absent,
    superseded: absent,
    orderStatistics: absent,
    scan: () => {
      throw new Error("the store must not be asked for this");
    },
    priceVersions: absent,
    examples: absent,
    ...answers,
  };
}

export function absentWorkspaces(answers: Partial<WorkspaceStore> = {}): WorkspaceStore {
  return {
    profile: absent,
    saveProfile: absent,
    saveEvaluations: absent,
    evaluatedPairs: absent,
    evaluations: absent,
    ...answers,
  };
}
