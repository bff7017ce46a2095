/** How long the worker's processor was busy, where the machine tells it (Linux, by /proc). */
import { readFileSync } from "node:fs";
import { processTree } from "../test/e2e/product.ts";

/** Ticks of /proc in a second: 100 on every Linux in use. */
const TICKS_A_SECOND = 100;

/** @returns seconds that the workerd processes below this one have worked so far, its D1 among them. */
export function workerSeconds(root: number): number {
  return processTree(root).reduce((sum, pid) => sum + secondsOf(pid), 0);
}

function secondsOf(pid: number): number {
  try {
    const [name, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    if (!name?.endsWith("(workerd")) return 0;
    const fields = rest.split(" ").map(Number);
    const [user = 0, system = 0] = fields.slice(11, 13);
    return (user + system) / TICKS_A_SECOND;
  } catch {
    // It has ended since.
    return 0;
  }
}
