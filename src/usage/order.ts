/** The order of groups, the same from every store: engines differ in the last digit of a sum, and in how they sort. */
import { ApexError } from "../protocol/errors.ts";
import { MAX_GROUPS, type UsageGroup } from "./store.ts";

/** Costs closer than this are the same to the order: a billionth of a dollar. */
const NANO_DOLLAR = 1e-9;

/**
 * @returns the groups, the costliest first, and by their keys where they cost the same.
 * @throws {ApexError} `too_large` past {@link MAX_GROUPS} groups.
 */
export function costliestFirst(groups: readonly UsageGroup[]): UsageGroup[] {
  if (groups.length > MAX_GROUPS) {
    const detail = `That makes more than ${MAX_GROUPS} groups. Ask for fewer dimensions, a shorter window or a filter.`;
    throw new ApexError("too_large", detail);
  }
  return groups
    .map((group) => ({
      group,
      cost: Math.round(group.sums.cost_usd / NANO_DOLLAR),
      key: JSON.stringify(group.key),
    }))
    .sort((one, other) => other.cost - one.cost || (one.key < other.key ? -1 : 1))
    .map(({ group }) => group);
}
