/** How long clients took to catch up with what they missed, told apart by whether the product was there meanwhile. */
import type { Outage } from "./lives.ts";

/** From the loss of a connection, as its client noticed it, until everything missed was there. */
export interface CatchUp {
  /** Both in milliseconds of the wall clock. */
  readonly lostAt: number;
  readonly caughtUpAt: number;
}

/** All in milliseconds, in the order of what was given. */
export interface CatchUpTimes {
  /** Of those through which the product was up. */
  readonly up: readonly number[];
  /** Of those with one outage or several between: what their users waited, the outages with it. */
  readonly down: readonly number[];
  /** Of the same, what is left without the outages: from the product's being there to the client's. */
  readonly downLessOutages: readonly number[];
}

/** @returns how long each took. */
export function timesOfCatchUps(
  catchUps: readonly CatchUp[],
  outages: readonly Outage[],
): CatchUpTimes {
  const up: number[] = [];
  const down: number[] = [];
  const downLessOutages: number[] = [];
  for (const { lostAt, caughtUpAt } of catchUps) {
    const all = caughtUpAt - lostAt;
    const met = outages.filter(
      ({ killedAt, readyAt }) => lostAt < readyAt && caughtUpAt > killedAt,
    );
    if (met.length === 0) {
      up.push(all);
      continue;
    }
    const away = met.reduce(
      (sum, { killedAt, readyAt }) =>
        sum + Math.min(caughtUpAt, readyAt) - Math.max(lostAt, killedAt),
      0,
    );
    down.push(all);
    downLessOutages.push(all - away);
  }
  return { up, down, downLessOutages };
}
