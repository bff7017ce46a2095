/** Cost breakdown: who or what the money goes to, and why that changed. */
import * as z from "zod";
import { addChanges, CostChange, costChange } from "./change.ts";
import type { UsageGroup } from "./store.ts";
import {
  knownCost,
  knownRequests,
  NO_USAGE,
  percent,
  sumUsage,
  tokensOf,
  type UsageSums,
} from "./sums.ts";

/** One group's part of the whole, or several groups' together. */
export const Portion = z.object({
  n_records: z.number().int(),
  cost_usd: z.number().nullable(),
  share_pct: z.number().nullable().describe("Of the whole known cost"),
  requests: z.number().int().nullable().describe("null where a source does not say how many"),
  tokens: z.number().int(),
  change: CostChange.nullable().describe("null where the prior window cannot be compared with"),
});
export type Portion = z.infer<typeof Portion>;

export interface Breakdown {
  readonly total: Portion;
  /** The costliest groups; a key has a value for each dimension. */
  readonly rows: readonly (Portion & { readonly key: readonly (string | null)[] })[];
  /** Everything that is not among the rows, null where nothing is left. */
  readonly other: (Portion & { readonly groups: number }) | null;
}

interface Member {
  readonly key: readonly (string | null)[];
  readonly sums: UsageSums;
  readonly change: CostChange | null;
}

/**
 * Breaks a window's cost down to its costliest groups.
 * @param prior the groups of the window before, null where it cannot be compared with. Groups that
 *   were only there are rows too: their cost is zero and their change is what went away.
 * @param top how many groups stand for themselves; the others are one row together.
 */
export function breakDown(
  current: readonly UsageGroup[],
  prior: readonly UsageGroup[] | null,
  top: number,
): Breakdown {
  const members = prior
    ? matched(current, prior)
    : current.map((group): Member => ({ ...group, change: null }));
  // Ranked before they are added up: floating point adds differently in another order.
  const ranked = members.toSorted(costliestFirst);
  const whole = sumUsage(ranked.map((member) => member.sums)).cost_usd;
  const rest = ranked.slice(top);
  return {
    total: portion(ranked, whole),
    rows: ranked.slice(0, top).map((member) => ({ key: member.key, ...portion([member], whole) })),
    other: rest.length > 0 ? { groups: rest.length, ...portion(rest, whole) } : null,
  };
}

/** Pairs each group with the same one of the window before; one may be missing on either side. */
function matched(current: readonly UsageGroup[], prior: readonly UsageGroup[]): Member[] {
  const name = (group: UsageGroup) => JSON.stringify(group.key);
  const before = new Map(prior.map((group) => [name(group), group.sums]));
  const now = new Set(current.map(name));
  const gone = prior.filter((group) => !now.has(name(group)));
  return [...current, ...gone.map(({ key }) => ({ key, sums: NO_USAGE }))].map((group) => ({
    ...group,
    change: costChange(before.get(name(group)) ?? NO_USAGE, group.sums),
  }));
}

function costliestFirst(left: Member, right: Member): number {
  return (
    right.sums.cost_usd - left.sums.cost_usd ||
    (right.change?.prior_usd ?? 0) - (left.change?.prior_usd ?? 0) ||
    right.sums.requests - left.sums.requests ||
    (JSON.stringify(left.key) < JSON.stringify(right.key) ? -1 : 1)
  );
}

function portion(members: readonly Member[], wholeCost: number): Portion {
  const sums = sumUsage(members.map((member) => member.sums));
  const changes = members.flatMap(({ change }) => change ?? []);
  const cost = sums.records === 0 ? 0 : knownCost(sums);
  return {
    n_records: sums.records,
    cost_usd: cost,
    share_pct: cost === null ? null : percent(cost, wholeCost),
    requests: knownRequests(sums),
    tokens: tokensOf(sums),
    change: changes.length > 0 ? addChanges(changes) : null,
  };
}

/** @returns the groups without one part of their key, those that became the same added up. */
export function foldGroups(groups: readonly UsageGroup[], part: number): UsageGroup[] {
  const folded = groups.map(({ key, sums }) => ({ key: key.toSpliced(part, 1), sums }));
  const alike = Map.groupBy(folded, ({ key }) => JSON.stringify(key));
  return [...alike.values()].map((same) => ({
    key: same[0]?.key ?? [],
    sums: sumUsage(same.map(({ sums }) => sums)),
  }));
}
