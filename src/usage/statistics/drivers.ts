/** What of a day cost more than it usually does: by feature and model. */
import * as z from "zod";
import type { UsageGroup } from "../store.ts";

const MOST_DRIVERS = 3;

export const Driver = z.object({
  feature: z.string().nullable(),
  model: z.string().nullable(),
  usd: z.number(),
  usual_usd: z.number().describe("Its mean over the days before"),
  excess_usd: z.number(),
});
export type Driver = z.infer<typeof Driver>;

/**
 * @param then the sums of the day by feature and model.
 * @param before those of the days before it.
 * @param share how long the day is against them.
 * @returns what cost more than usual, the most first.
 */
export function driversOf(
  then: readonly UsageGroup[],
  before: readonly UsageGroup[],
  share: number,
): Driver[] {
  const usual = new Map(
    before.map(({ key, sums }) => [JSON.stringify(key), sums.cost_usd * share]),
  );
  return then
    .map(({ key: [feature = null, model = null], sums }): Driver => {
      const usualUsd = usual.get(JSON.stringify([feature, model])) ?? 0;
      return {
        feature,
        model,
        usd: sums.cost_usd,
        usual_usd: usualUsd,
        excess_usd: sums.cost_usd - usualUsd,
      };
    })
    .filter((driver) => driver.excess_usd > 0)
    .toSorted((left, right) => right.excess_usd - left.excess_usd)
    .slice(0, MOST_DRIVERS);
}
