/** Every isolate of a workerd: that of the Worker and its objects, and those that wrangler puts around it. */
import { type Inspector, inspect, type Target, targetsAt } from "./inspector.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** How the runtime names the Worker among those that wrangler starts beside it. */
const OWN = /^core:user:/;
/** An isolate heeds its inspector when it is next asked something, so the Worker is, this often, in milliseconds. */
const ASK_EVERY_MS = 100;

export interface Isolates {
  /** @returns the inspector of the isolate in which the Worker and its objects are; the Worker is asked while it is. */
  openOwn(): Promise<Inspector>;
  /**
   * Has the garbage of all of them collected. What passes between Workers is let go of by its isolate's
   * collector alone, and one that makes next to no garbage of its own hardly ever calls it: so a process
   * that nobody has collect grows for tens of thousands of requests.
   */
  collect(): Promise<void>;
  /** Has all of them collect. @returns the bytes that live in that of the Worker and its objects. */
  liveBytes(): Promise<number>;
}

/**
 * @param url where the Worker serves.
 * @throws where the process has no inspector, or the Worker no isolate.
 */
export async function isolatesOf(worker: WorkerProcess, url: string): Promise<Isolates> {
  // At one of the ports where it listens: the runtime chooses which.
  const targets = await Promise.any(worker.listeningPorts().map(targetsAt));
  const own = targets.find(({ id }) => OWN.test(id));
  if (own === undefined) throw new Error(`Worker ${worker.pid} has none of the Worker's own.`);

  async function whileAsked<Value>(work: () => Promise<Value>): Promise<Value> {
    const ask = () => void fetch(`${url}/health`).catch(() => undefined);
    const asking = setInterval(ask, ASK_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(asking);
    }
  }

  async function collect(): Promise<void> {
    await whileAsked(async () => {
      // One by one: while one that is at rest has not answered, no other does.
      for (const target of targets) await inspecting(target, (inspector) => inspector.collect());
    });
  }

  return {
    async openOwn() {
      const inspector = await inspect(own);
      return { ...inspector, ask: (...asked) => whileAsked(() => inspector.ask(...asked)) };
    },
    collect,
    async liveBytes() {
      await collect();
      return await inspecting(own, (inspector) => inspector.usedBytes());
    },
  };
}

async function inspecting<Value>(
  target: Target,
  work: (inspector: Inspector) => Promise<Value>,
): Promise<Value> {
  const inspector = await inspect(target);
  try {
    return await work(inspector);
  } finally {
    inspector.close();
  }
}
