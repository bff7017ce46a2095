/** Whether the machine is at rest, as Linux tells it: what is timed next is to meet nobody's leftovers. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How long it is watched at a time, in milliseconds. */
const LOOK_MS = 100;
/** The share of its processors' time that may be in use then: the watching itself takes some. */
const BUSY_SHARE = 0.06;
/** Where it does not come to rest for so long, in milliseconds, others work on it: that shows in what is timed. */
const PATIENCE_MS = 5_000;

/** Waits until the machine is at rest, though not for ever. @returns whether it is. */
export async function untilAtRest(): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const before = processorTime();
    await sleep(LOOK_MS);
    const { idle, all } = processorTime();
    if (1 - (idle - before.idle) / (all - before.all) <= BUSY_SHARE) return true;
  }
  return false;
}

/** Of all processors together, in ticks since the machine started (proc(5), /proc/stat). */
function processorTime() {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/);
  const times = ticks.map(Number);
  const [, , , idle = 0, waiting = 0] = times;
  return { idle: idle + waiting, all: times.reduce((sum, each) => sum + each, 0) };
}
