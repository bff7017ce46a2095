/** The levers as tools replay them: in slices, and each but once for a workload. */
import { batchOpportunity } from "../usage/replay/batch-opportunity.ts";
import { cacheOpportunity } from "../usage/replay/cache-opportunity.ts";
import { duplicateOpportunity } from "../usage/replay/duplicate-opportunity.ts";
import { rightSizeOpportunity } from "../usage/replay/right-size-opportunity.ts";
import { trimOpportunity } from "../usage/replay/trim-opportunity.ts";
import { replayed } from "./replayed.ts";

export const replayBatch = replayed(batchOpportunity);
export const replayCache = replayed(cacheOpportunity);
export const replayDuplicates = replayed(duplicateOpportunity);
export const replayRightSize = replayed(rightSizeOpportunity);
export const replayTrim = replayed(trimOpportunity);
