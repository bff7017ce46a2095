/** What waiting at one server comes to on paper: the formula of Pollaczek and Khinchine for an M/G/1 queue. */

/** Service times, in milliseconds; each is as likely as the others. */
export type ServiceTimes = readonly number[];

export interface Waiting {
  /** The share of its time in which the server is busy; at 1 and above the queue grows without end. */
  readonly utilisation: number;
  /** How long an arrival waits before its service begins, on average, in milliseconds. */
  readonly meanWaitMs: number;
}

const SECOND_MS = 1_000;

/** @param arrivalsASecond come by chance, independent of each other (Poisson). */
export function waitingOnPaper(arrivalsASecond: number, serviceMs: ServiceTimes): Waiting {
  const arrivalsAMs = arrivalsASecond / SECOND_MS;
  const utilisation = arrivalsAMs * moment(serviceMs, 1);
  const meanWaitMs =
    utilisation < 1
      ? (arrivalsAMs * moment(serviceMs, 2)) / (2 * (1 - utilisation))
      : Number.POSITIVE_INFINITY;
  return { utilisation, meanWaitMs };
}

/** @returns the mean of the values' powers. */
export function moment(values: readonly number[], power: number): number {
  return values.reduce((sum, value) => sum + value ** power, 0) / values.length;
}
