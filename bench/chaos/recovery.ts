/** How long a kill keeps a run from being heard of: the product's own restart, and what comes after it. */
import type { LoggedEvent } from "../../src/protocol/events.ts";
import type { Outage } from "./lives.ts";

export interface Recoveries {
  /** From `/health` answering again to the next event of a run that the kill cut off, in milliseconds. */
  readonly afterReady: readonly number[];
  /** From the kill itself to that event, in milliseconds. */
  readonly afterKill: readonly number[];
  /** Runs that the next kill met before they were heard of: they count for that one alone. */
  readonly killedAgain: number;
}

/** @param outages in the order they happened. */
export function recoveriesOf(
  logs: readonly (readonly LoggedEvent[])[],
  outages: readonly Outage[],
): Recoveries {
  const afterReady: number[] = [];
  const afterKill: number[] = [];
  let killedAgain = 0;
  const runs = logs.flatMap((log) => [
    ...Map.groupBy(log, ({ context }) => context.run_id).values(),
  ]);
  for (const [index, { killedAt, readyAt }] of outages.entries()) {
    const nextKill = outages[index + 1]?.killedAt ?? Number.POSITIVE_INFINITY;
    for (const events of runs) {
      const begun = events.find(({ type }) => type === "agent_started");
      if (begun === undefined || at(begun) >= killedAt) continue;
      // What was logged in the last moment before the kill stands before its recovery.
      const next = events.find((event) => at(event) > killedAt);
      if (next === undefined) continue;
      if (at(next) > nextKill) killedAgain += 1;
      else {
        afterReady.push(Math.max(0, at(next) - readyAt));
        afterKill.push(at(next) - killedAt);
      }
    }
  }
  return { afterReady, afterKill, killedAgain };
}

function at({ context }: LoggedEvent): number {
  return Date.parse(context.timestamp);
}
