/** The workerd that runs a Worker and its objects, as Linux sees it: time on a CPU, resident memory. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processTree } from "../test/e2e/product.ts";

/** The state of a socket that waits for others to dial, as /proc/net/tcp writes it (man 5 proc). */
const LISTENING = "0A";

export interface WorkerProcess {
  readonly pid: number;
  /** How long all its threads have been on a CPU so far, kernel included, in microseconds. */
  cpuMicroseconds(): number;
  /** Its resident memory, in bytes. @throws where it has ended. */
  residentBytes(): number;
  /** The ports of IPv4 at which it listens. */
  listeningPorts(): number[];
}

/**
 * @returns the workerds below a process that run a Worker, in the order they were started. Wrangler starts
 *   another as a proxy, which idles behind `npm start`, and stands before the Worker in `wrangler dev`: it is left out.
 */
export function workersBelow(root: number): WorkerProcess[] {
  return processTree(root).flatMap((pid) => {
    const [program = "", ...args] = read(`/proc/${pid}/cmdline`).split("\0");
    if (!/workerd(\.exe)?$/.test(program) || !args.includes("serve")) return [];
    // By its own command or by its API, wrangler has what runs the Worker inspected, and never its proxy.
    const isInspected = args.some((each) => /^--(?:debug-port|inspector-addr)\b/.test(each));
    return isInspected ? [workerProcess(pid)] : [];
  });
}

/**
 * @param root the process that started the product, or that one's own.
 * @returns the one workerd below it that runs a Worker.
 * @throws where there is not exactly one.
 */
export function workerBelow(root: number): WorkerProcess {
  const [worker, ...others] = workersBelow(root);
  if (worker === undefined || others.length > 0) {
    throw new Error(`${worker === undefined ? "No worker" : "More than one worker"} was found.`);
  }
  return worker;
}

function workerProcess(pid: number): WorkerProcess {
  return {
    pid,
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
    listeningPorts() {
      const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(pid, fd)));
      const [, ...connections] = read(`/proc/${pid}/net/tcp`).split("\n");
      return connections.flatMap((line) => {
        const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
        const isItsOwn = state === LISTENING && sockets.has(inode);
        return isItsOwn ? [Number.parseInt(local.split(":")[1] ?? "", 16)] : [];
      });
    },
  };
}

/** @returns the number by which the kernel's lists name a socket; null where it is none, or closed since. */
function inodeOf(pid: number, fd: string): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? null;
  } catch {
    return null;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended since.
    return "";
  }
}
