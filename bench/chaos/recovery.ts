/** How long a kill keeps a run from being heard of: the program's restart, and the recovery that is the product's own. */
import type { LoggedEvent } from "../../src/protocol/events.ts";
import type { Outage } from "./lives.ts";

export interface Recoveries {
  /**
   * From `/health` answering again to the next event of a run that the kill cut off, in
   * milliseconds; 0 where it was heard of before: alarms need nobody to ask.
   */
  readonly afterReady: readonly number[];
  /** From the first event that the new life logged of any run to that event, in milliseconds. */
  readonly afterFirst: readonly number[];
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
  const afterFirst: number[] = [];
  const afterKill: number[] = [];
  let killedAgain = 0;
  const runs = logs.flatMap((log) => [
    ...Map.groupBy(log, ({ context }) => context.run_id).values(),
  ]);
  const times = logs.flatMap((log) => log.map(at)).toSorted((a, b) => a - b);
  for (const [index, { killedAt, readyAt }] of outages.entries()) {
    const firstAt = times.find((time) => time > killedAt) ?? killedAt;
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
        afterFirst.push(at(next) - firstAt);
        afterKill.push(at(next) - killedAt);
      }
    }
  }
  return { afterReady, afterFirst, afterKill, killedAgain };
}

function at({ context }: LoggedEvent): number {
  return Date.parse(context.timestamp);
}
