/** What records leave unsaid: how much a lever may miss where calls have no hash. */
import type { Saving } from "./saving.ts";
import type { Workload } from "./workload.ts";

/** @returns for each feature, the share of its calls of interest that are not seen; 0 where it has none. */
export function unseenShares(
  workload: Workload,
  ofInterest: (call: number) => boolean,
  seen: (call: number) => boolean,
): Float64Array {
  const calls = new Float64Array(workload.features.length);
  const unseen = new Float64Array(workload.features.length);
  for (let call = 0; call < workload.size; call++) {
    if (!ofInterest(call)) continue;
    const feature = workload.feature[call] ?? 0;
    calls[feature] = (calls[feature] ?? 0) + 1;
    if (!seen(call)) unseen[feature] = (unseen[feature] ?? 0) + 1;
  }
  return unseen.map((count, feature) => count / Math.max(1, calls[feature] ?? 0));
}

/**
 * @param shares of each feature's calls that could not be seen.
 * @returns USD that there may be: a repeat is found where both calls of the pair are seen, so
 *   hashes that are missing at random hide at most 1 − (1 − m)² of them.
 */
export function withUnseen(workload: Workload, saving: Saving, shares: Float64Array): number {
  return saving.features.reduce((sum, { feature, usd }) => {
    const seen = 1 - (shares[workload.features.indexOf(feature)] ?? 0);
    return sum + (usd > 0 && seen > 0 ? usd / seen ** 2 : usd);
  }, 0);
}
