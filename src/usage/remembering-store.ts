/** Remembers a store's answers for a moment: the tools of one run ask for the same sums one after another. */
import type { Clock } from "../core/clock.ts";
import type { Scope, UsageStore } from "./store.ts";

const KEPT_MS = 60_000;
/** For so long one asks anew while the others are still given what is known. */
const RENEWAL_MS = 5_000;
/** Answers of a kind that are kept; the oldest goes first. */
const MOST_ANSWERS = 32;
/** A longer list is not kept. */
const MOST_ROWS = 500;
/** Workspaces whose extent is known; past it all are asked anew. */
const MOST_WORKSPACES = 1_000;

/**
 * @returns the same store. What a workspace holds is asked each time, and an answer stands for as long as
 *   that does: its first moment, its last, and how many records. So nothing stored since is missed, and
 *   that the store is away is never hidden.
 */
export function rememberingStore(inner: UsageStore, clock: Pick<Clock, "now">): UsageStore {
  /** What each workspace held when it was last asked. */
  const held = new Map<string, string>();

  function remembered<Question extends readonly unknown[], Row>(
    ask: (scope: Scope, ...question: Question) => Promise<Row[]>,
  ): (scope: Scope, ...question: Question) => Promise<Row[]> {
    const answers = new Map<string, { readonly until: number; readonly rows: Row[] }>();
    return async (scope, ...question) => {
      const extent = held.get(scope.workspaceId);
      if (extent === undefined) return ask(scope, ...question);
      const key = JSON.stringify([extent, scope, question]);
      const known = answers.get(key);
      if (known && clock.now() < known.until) return known.rows;
      // Many threads ask at once: all that wait could not share one question, for each object may only wait for its own.
      if (known) answers.set(key, { ...known, until: clock.now() + RENEWAL_MS });
      const rows = await ask(scope, ...question);
      answers.delete(key);
      if (rows.length <= MOST_ROWS) {
        answers.set(key, { until: clock.now() + KEPT_MS, rows });
      }
      const [oldest] = answers.keys();
      if (answers.size > MOST_ANSWERS && oldest !== undefined) answers.delete(oldest);
      return rows;
    };
  }

  return {
    ...inner,
    async extent(workspaceId) {
      const extent = await inner.extent(workspaceId);
      if (held.size >= MOST_WORKSPACES) held.clear();
      held.set(workspaceId, JSON.stringify(extent));
      return extent;
    },
    groups: remembered((scope, by) => inner.groups(scope, by)),
    latencies: remembered((scope) => inner.latencies(scope)),
    superseded: remembered((scope) => inner.superseded(scope)),
    priceVersions: remembered((scope) => inner.priceVersions(scope)),
    examples: remembered((scope, limit) => inner.examples(scope, limit)),
  };
}
