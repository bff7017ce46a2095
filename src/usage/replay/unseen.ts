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
 *   hashes that are missing at random hide at most 1 − (1 − m)² of them. No feature saves more than
 *   it costs.
 */
export function withUnseen(workload: Workload, saving: Saving, shares: Float64Array): number {
  const spent = new Float64Array(workload.features.length);
  workload.costs.forEach((usd, call) => {
    const feature = workload.feature[call] ?? 0;
    spent[feature] = (spent[feature] ?? 0) + usd;
  });
  return saving.features.reduce((sum, { feature, usd }) => {
    const index = workload.features.indexOf(feature);
    const seen = 1 - (shares[index] ?? 0);
    const most = Math.max(usd, spent[index] ?? 0);
    return sum + (usd > 0 && seen > 0 ? Math.min(most, usd / seen ** 2) : usd);
  }, 0);
}
