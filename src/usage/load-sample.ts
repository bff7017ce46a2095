/** Gives a fresh installation the sample company's usage, so that every tool has something to say. */

import { SAMPLE_WORKSPACE, type SampleOptions, sampleRecords } from "./sample.ts";
import type { IngestReceipt, UsageStore } from "./store.ts";

/**
 * Loads the sample company once. Ingestion is one transaction, so a run that was interrupted left
 * nothing behind and the next one loads it whole.
 * @returns what was stored, or null where the workspace has records already.
 * @throws {ApexError} `unavailable` where the store fails.
 */
export async function loadSample(
  store: UsageStore,
  options: SampleOptions,
): Promise<IngestReceipt | null> {
  if (await store.extent(SAMPLE_WORKSPACE)) return null;
  return store.ingest([...sampleRecords(options)]);
}
