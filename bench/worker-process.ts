/** The workerd that runs a Worker and its objects, as Linux sees it: time on a CPU, resident memory. */
import { readdirSync, readFileSync } from "node:fs";
import { processTree } from "../test/e2e/product.ts";

export interface WorkerProcess {
  readonly pid: number;
  /** Who it is: the one that runs the Worker and its objects, or the proxy that wrangler puts before it. */
  readonly role: "product" | "proxy";
  /** How long all its threads have been on a CPU so far, kernel included, in microseconds. */
  cpuMicroseconds(): number;
  /** Its resident memory, in bytes. @throws where it has ended. */
  residentBytes(): number;
}

/** @returns every workerd below a process, in the order they were started. */
export function workerdBelow(root: number): WorkerProcess[] {
  return processTree(root).flatMap((pid) => {
    const [program = "", ...args] = read(`/proc/${pid}/cmdline`).split("\0");
    if (!/workerd(\.exe)?$/.test(program) || !args.includes("serve")) return [];
    // By its own command or by its API, wrangler has what runs the Worker inspected, and never its proxy.
    const isInspected = args.some((each) => /^--(?:debug-port|inspector-addr)\b/.test(each));
    const role = isInspected ? "product" : "proxy";
    return [workerProcess(pid, role)];
  });
}

/**
 * @param root the process that started `wrangler dev`, or that one's own.
 * @returns the workerd below it that is not the proxy that wrangler puts before it.
 * @throws where there is not exactly one.
 */
export function workerBelow(root: number): WorkerProcess {
  const found = workerdBelow(root).filter(({ role }) => role === "product");
  const [worker] = found;
  if (worker === undefined || found.length > 1)
    throw new Error(`${found.length} workers were found`);
  return worker;
}

function workerProcess(pid: number, role: WorkerProcess["role"]): WorkerProcess {
  return {
    pid,
    role,
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
