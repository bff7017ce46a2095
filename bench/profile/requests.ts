/** What requests leave in memory: how far the process grows while garbage is collected, and while nobody has it collected. */
import type { Contender } from "../compare/contender.ts";
import { isolatesOf } from "../isolates.ts";

const AT_ONCE = 8;
/** Garbage is collected after so many. */
const COLLECT_EVERY = 2_500;
/** Requests between two readings. */
const READ_EVERY = 5_000;
const READINGS = 4;
const KIBIBYTE = 1_024;

export interface Left {
  readonly requests: number;
  readonly isCollected: boolean;
  /** What the process grew by for each, in KiB. */
  readonly each: number;
}

/** Asks a Worker how it is, again and again. @returns what each thousands of requests left behind, in order. */
export async function leftByRequests({ url, worker }: Contender): Promise<Left[]> {
  const isolates = await isolatesOf(worker, url);
  const left: Left[] = [];
  for (const isCollected of [true, false]) {
    if (isCollected) await isolates.collect();
    for (let reading = 0; reading < READINGS; reading += 1) {
      const before = worker.residentBytes();
      for (let asked = 0; asked < READ_EVERY; asked += COLLECT_EVERY) {
        await askTimes(COLLECT_EVERY);
        if (isCollected) await isolates.collect();
      }
      const each = (worker.residentBytes() - before) / READ_EVERY / KIBIBYTE;
      left.push({ requests: READ_EVERY, isCollected, each });
    }
  }
  return left;

  async function askTimes(times: number): Promise<void> {
    let remaining = times;
    const ask = async () => {
      while (remaining > 0) {
        remaining -= 1;
        const response = await fetch(`${url}/health`);
        await response.arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
  }
}
