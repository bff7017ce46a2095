/** What the product uses while something is asked of it: memory of the workerd that runs it, and share of the processors. */
import { cpus } from "node:os";
import { type WorkerProcess, workerBelow, workersBelow } from "./worker-process.ts";

/** What was used at a moment, or since the one before. */
export interface Use {
  /** By the process's own clock, in milliseconds. */
  readonly at: number;
  /** Resident memory, in bytes. */
  readonly residentBytes: number;
  /** Of all processors of the machine, from 0 to 1, since the sample before. */
  readonly busyShare: number;
}

export interface Meter {
  readonly uses: readonly Use[];
  /** How often a workerd was found ended, and those in its place were taken up. */
  readonly restarts: number;
  /** Takes a sample at once; null where a workerd has ended, or none is there. */
  sample(): Use | null;
  stop(): void;
}

/**
 * Linux alone tells all of this. @throws where no workerd runs a Worker: of none nothing is used.
 * @param root the process that started the product.
 * @param everyMs null where samples are taken when they are asked for alone.
 */
export function startMeter(root: number, everyMs: number | null): Meter {
  const uses: Use[] = [];
  let workers: readonly WorkerProcess[] = [workerBelow(root)];
  let restarts = 0;
  let before = { at: performance.now(), busy: busyOf(workers) };

  function sample(): Use | null {
    try {
      if (workers.length === 0) throw new Error("There is no workerd.");
      const at = performance.now();
      const busy = busyOf(workers);
      const residentBytes = workers.reduce((sum, worker) => sum + worker.residentBytes(), 0);
      const elapsed = (at - before.at) * 1_000 * cpus().length;
      const busyShare = elapsed > 0 ? (busy - before.busy) / elapsed : 0;
      const use = { at, residentBytes, busyShare };
      before = { at, busy };
      uses.push(use);
      return use;
    } catch {
      // Where none has come in its place yet, the next sample looks again.
      if (workers.length > 0) restarts += 1;
      workers = workersBelow(root);
      before = { at: performance.now(), busy: busyOf(workers) };
      return null;
    }
  }

  const timer = everyMs === null ? undefined : setInterval(sample, everyMs);
  return {
    uses,
    get restarts() {
      return restarts;
    },
    sample,
    stop: () => clearInterval(timer),
  };
}

/** In microseconds. */
function busyOf(workers: readonly WorkerProcess[]): number {
  return workers.reduce((sum, worker) => sum + worker.cpuMicroseconds(), 0);
}
