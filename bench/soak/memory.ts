/** What memory did over a soak: its readings, the growth that is tolerated, and the verdict on each part. */
import { afterWarmUp, type Growth, judgeGrowth, type Reading } from "./trend.ts";

/** What is there at a moment of the process's own clock, once the garbage of all isolates was collected. */
export interface MemoryUse {
  readonly at: number;
  /** In the isolate of the Worker and its objects. */
  readonly liveBytes: number;
  /** Of the whole process. */
  readonly residentBytes: number;
}

export interface MemoryPart {
  readonly name: string;
  readonly readings: readonly Reading[];
  /** Of what came after the warm-up. */
  readonly growth: Growth;
}

const HOUR_MS = 3_600_000;

/** An isolate may take so much (docs: developers.cloudflare.com/workers/platform/limits/#memory), */
const ISOLATE_BYTES = 128e6;
/** and lives through no more turns than this: code and runtime are replaced once or twice a day. */
const TURNS_A_LIFE = 100_000;
/** This share of its memory may be lost until then. */
const TOLERATED_SHARE = 0.25;

/** What a turn may leave behind for good, in bytes. */
export const TOLERATED_BYTES_A_TURN = (ISOLATE_BYTES * TOLERATED_SHARE) / TURNS_A_LIFE;

/** The share of the time that is warm-up, and the least and the most of it in hours. */
const WARM_UP_SHARE = 0.25;
const LEAST_WARM_UP = 0.05;
const MOST_WARM_UP = 0.25;

/** @param turnsAnHour by which growth in time is told from growth by turns. */
export function judgeMemory(uses: readonly MemoryUse[], turnsAnHour: number): MemoryPart[] {
  const tolerated = TOLERATED_BYTES_A_TURN * turnsAnHour;
  const part = (name: string, readings: readonly Reading[]): MemoryPart => {
    const [first, last] = [readings[0]?.hours ?? 0, readings.at(-1)?.hours ?? 0];
    const share = Math.min((last - first) * WARM_UP_SHARE, MOST_WARM_UP);
    const warm = afterWarmUp(readings, Math.max(share, LEAST_WARM_UP));
    return { name, readings, growth: judgeGrowth(warm, tolerated) };
  };
  const readings = (bytesOf: (use: MemoryUse) => number) =>
    uses.map((use) => ({ hours: use.at / HOUR_MS, bytes: bytesOf(use) }));
  return [
    part(
      "live in the isolate",
      readings(({ liveBytes }) => liveBytes),
    ),
    part(
      "resident memory of the process",
      readings(({ residentBytes }) => residentBytes),
    ),
  ];
}
