/** Gives a fresh installation the sample company's usage, so that every tool has something to say. */

import { DAY_MS } from "./sample/requests.ts";
import { sampleEvaluations, sampleProfile } from "./sample/stated.ts";
import {
  expectedRecords,
  SAMPLE_DAYS,
  SAMPLE_WORKSPACE,
  type SampleOptions,
  sampleRecords,
} from "./sample.ts";
import type { Extent, IngestReceipt, UsageStore } from "./store.ts";
import type { WorkspaceStore } from "./workspace.ts";

/** Told after each batch; how many there will be is known only roughly. */
export type OnProgress = (loaded: number, expected: number) => void;

export interface LoadOptions extends SampleOptions {
  /** Records a batch: each is one transaction. */
  readonly batch?: number;
  readonly onProgress?: OnProgress;
}

/** Where the sample goes. */
export interface SampleStore extends Pick<UsageStore, "ingest"> {
  extent(workspaceId: string): Promise<Extent | null>;
}

/**
 * Loads the sample company's records, batch by batch. Where an earlier load was interrupted this
 * one completes it, as of the day of that one: what is there already is not stored again.
 * @returns what became of the records.
 * @throws {ApexError} `unavailable` where the store fails.
 */
export async function loadSampleRecords(
  usage: SampleStore,
  { batch = 25_000, onProgress = () => {}, ...options }: LoadOptions,
): Promise<IngestReceipt> {
  const { workspaceId = SAMPLE_WORKSPACE, days = SAMPLE_DAYS } = options;
  const begun = await usage.extent(workspaceId);
  const endsAt = begun ? (Math.floor(begun.first / DAY_MS) + days) * DAY_MS : options.endsAt;
  const total = { stored: 0, known: 0, quarantined: 0 };
  const expected = expectedRecords(options);
  for (const records of batches(sampleRecords({ ...options, endsAt }), batch)) {
    const receipt = await usage.ingest(records);
    total.stored += receipt.stored;
    total.known += receipt.known;
    total.quarantined += receipt.quarantined;
    onProgress(total.stored + total.known, expected);
  }
  return total;
}

/**
 * Stores what the sample company says of itself. Its profile comes last: a workspace that has it
 * has all its records and evaluations too.
 * @throws {ApexError} `unavailable` where the store fails.
 */
export async function stateSample(
  workspaces: Pick<WorkspaceStore, "saveEvaluations" | "saveProfile">,
  options: SampleOptions,
): Promise<void> {
  const { workspaceId = SAMPLE_WORKSPACE } = options;
  await workspaces.saveEvaluations(workspaceId, sampleEvaluations(options));
  await workspaces.saveProfile(workspaceId, sampleProfile);
}

function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
