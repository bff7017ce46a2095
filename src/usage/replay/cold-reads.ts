/** What removing calls costs the ones that stay: a cache that nobody uses meanwhile goes cold. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import { type CacheTtl, isHit } from "./cache-use.ts";
import { blockCounts, type Lane, type Workload } from "./workload.ts";

/** The time that every provider keeps a prefix for at least. */
const TTL: CacheTtl = "5m";

/**
 * @param lane calls of which some are not made any more: those of weight 0.
 * @returns the lane with less read by calls whose prefix was kept warm by those alone: it is
 *   computed anew. Reads that no use explains are left as they are.
 */
export function* withColdReads(workload: Workload, lane: Lane): Sliced<Lane> {
  const { size, ts, blockStart, block, blockTokens, blocks } = workload;
  const read = lane.read.slice();
  const counts = blockCounts(workload);
  const used = new Map<number, number>();
  const stillUsed = new Map<number, number>();
  for (let call = 0; call < size; call++) {
    if (call % SLICE === 0) yield;
    const at = ts[call] ?? 0;
    const made = (lane.weight[call] ?? 0) > 0;
    let warm = 0;
    let wasWarm = 0;
    for (let place = blockStart[call] ?? 0; place < (blockStart[call + 1] ?? 0); place++) {
      if ((counts[block[place] ?? 0] ?? 0) < 2) continue;
      const prefix = (lane.model[call] ?? 0) * blocks + (block[place] ?? 0);
      const tokens = blockTokens[place] ?? 0;
      if (isHit(used.get(prefix), at, TTL)) wasWarm = tokens;
      if (isHit(stillUsed.get(prefix), at, TTL)) warm = tokens;
      used.set(prefix, at);
      if (made) stillUsed.set(prefix, at);
    }
    const reads = lane.read[call] ?? 0;
    if (made && reads <= wasWarm) read[call] = Math.min(reads, warm);
  }
  return { ...lane, read };
}
