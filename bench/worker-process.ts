/** The workerd that runs a Worker and its objects, as Linux sees it: time on a CPU, resident memory. */
import { readdirSync, readFileSync } from "node:fs";
import { processTree } from "../test/e2e/product.ts";

export interface WorkerProcess {
  /** How long all its threads have been on a CPU so far, kernel included, in microseconds. */
  cpuMicroseconds(): number;
  /** Its resident memory, in bytes. */
  residentBytes(): number;
}

/**
 * @param root the process that started `wrangler dev`, or that one's own.
 * @returns the workerd below it that is not the proxy that wrangler puts before it.
 * @throws where there is not exactly one.
 */
export function workerBelow(root: number): WorkerProcess {
  const found = processTree(root).filter((pid) => {
    const command = read(`/proc/${pid}/cmdline`);
    return command.includes("workerd") && command.includes("--debug-port");
  });
  const [pid] = found;
  if (pid === undefined || found.length > 1) throw new Error(`${found.length} workers were found`);
  return {
    cpuMicroseconds() {
      const spent = readdirSync(`/proc/${pid}/task`).map((task) => {
        const [nanoseconds] = read(`/proc/${pid}/task/${task}/schedstat`).split(" ");
        return Number(nanoseconds);
      });
      return spent.reduce((sum, each) => sum + each, 0) / 1_000;
    },
    residentBytes() {
      const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
      if (kibibytes === undefined) throw new Error(`Worker ${pid} has ended.`);
      return Number(kibibytes) * 1_024;
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended since.
    return "";
  }
}
