/** One regime of prices for a replay: its savings and what they are held against are of the same list. */

import { usd } from "../core/grounding/figures.ts";
import { counted } from "../protocol/plural.ts";
import type { Workload } from "../usage/replay/workload.ts";
import type { UsageSums } from "../usage/sums.ts";
import type { ResolvedScope } from "./usage-scope.ts";

interface Priced {
  readonly resolved: ResolvedScope;
  readonly sums: UsageSums;
}

/**
 * Records keep the cost they came in with, a replay asks today's prices: where the two differ, the costs
 * become those of the replay. What is known only in sums is not replayed, and stays as it was stored.
 * @param sums over the records that the workload's calls are among.
 */
export function atReplayedPrices(
  { priced }: Pick<Workload, "priced">,
  { resolved, sums }: Priced,
): Priced {
  const { repriced, now, stored, versions } = priced;
  if (repriced === 0) return { resolved, sums };
  const more = now.calls - stored.calls;
  const told = `The prices of ${counted(repriced, "call")} are others than when they came in: they are taken at today's, by which the single calls cost ${usd(now.usd)}, not ${usd(stored.usd)}.`;
  return {
    resolved: { ...resolved, versions, assumptions: [...resolved.assumptions, told] },
    sums: {
      ...sums,
      cost_usd: Math.max(0, sums.cost_usd + now.usd - stored.usd),
      priced_records: sums.priced_records + more,
      priced_requests: sums.priced_requests + more,
    },
  };
}
