/**
 * What a Worker and its objects did so far, counted inside the isolate that they share locally. Each
 * contender has an entry that adds it (`counted.ts` of each in `bench/compare`); what is timed runs without.
 */
import * as z from "zod";

/** Where an entry that counts tells it. */
export const WORK_PATH = "/api/counted-work";

/** By who did it: an object's class, `D1`, `KV` or `Worker`. */
const Counts = z.record(z.string(), z.number());

export const Work = z.object({
  /** Rows as the runtime itself tells them, indexes included. A pair of the key-value interface is one. */
  rowsRead: Counts,
  rowsWritten: Counts,
  /** How often an alarm was set, which writes a row that SQL does not show; and set or deleted. */
  alarmsSet: Counts,
  alarms: z.number(),
  /** Requests that reached a Worker or an object: over HTTP, by a call, or by an alarm. */
  requests: Counts,
  /** Frames that clients sent. */
  frames: Counts,
  /** How long objects were at work, or waited for something that keeps them in memory. */
  activeMs: Counts,
  /** How long each call to an object took there, and each to D1, in milliseconds. */
  took: z.record(z.string(), z.array(z.number())),
});
export type Work = z.infer<typeof Work>;

const work: Work = {
  rowsRead: {},
  rowsWritten: {},
  alarmsSet: {},
  alarms: 0,
  requests: {},
  frames: {},
  activeMs: {},
  took: {},
};
/** What is to be done before the figures are told: for those that are only known in the end. */
const lateCounts: (() => void)[] = [];

type Countable = "rowsRead" | "rowsWritten" | "alarmsSet" | "requests" | "frames" | "activeMs";

/** Adds to a count. */
export function note(what: Countable, who: string, count: number): void {
  if (count > 0) work[what][who] = (work[what][who] ?? 0) + count;
}

/** Notes that an alarm was set, or deleted. */
export function noteAlarm(who: string, isSet: boolean): void {
  work.alarms += 1;
  if (isSet) note("alarmsSet", who, 1);
}

/** Notes how long something took, in milliseconds. */
export function noteTime(who: string, milliseconds: number): void {
  const times = work.took[who] ?? [];
  times.push(milliseconds);
  work.took[who] = times;
}

/** Has something counted just before the figures are told. */
export function countLate(count: () => void): void {
  lateCounts.push(count);
}

/** @returns the answer to a request for the figures; null to any other, which is counted. */
export function answerWork(request: Request): Response | null {
  if (new URL(request.url).pathname !== WORK_PATH) {
    note("requests", "Worker", 1);
    return null;
  }
  for (const count of lateCounts.splice(0)) count();
  return Response.json(work);
}

/** @returns what was counted between two moments; who did nothing is left out. */
export function since(before: Work, after: Work): Work {
  const counts = (what: Countable) =>
    Object.fromEntries(
      Object.entries(after[what])
        .map(([who, count]) => [who, count - (before[what][who] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
  return {
    rowsRead: counts("rowsRead"),
    rowsWritten: counts("rowsWritten"),
    alarmsSet: counts("alarmsSet"),
    alarms: after.alarms - before.alarms,
    requests: counts("requests"),
    frames: counts("frames"),
    activeMs: counts("activeMs"),
    took: Object.fromEntries(
      Object.entries(after.took).map(([who, times]) => [
        who,
        times.slice(before.took[who]?.length ?? 0),
      ]),
    ),
  };
}
