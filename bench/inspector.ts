/** The inspector of a Worker's isolate, spoken to as the browser's developer tools do. */
import * as z from "zod";
import { within } from "../test/e2e/within.ts";

const DEADLINE_MS = 30_000;
/** An isolate that has not answered by then is at rest, in milliseconds. */
const AT_REST_MS = 400;
/** What answers at rest too is waited for so long, in milliseconds, and asked by so many connections. */
const GREETING_MS = 2_000;
const TRIES = 5;
const Targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
/** Workerd says of some methods only that they were heard. */
const Answer = z.object({ id: z.number(), result: z.unknown().optional() });
/** https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#method-getHeapUsage */
const HeapUsage = z.looseObject({
  usedSize: z.number(),
  /** What the runtime keeps for the heap's objects: requests, sockets, streams. */
  embedderHeapUsedSize: z.number(),
  /** Of buffers. */
  backingStorageSize: z.number(),
});

export interface Inspector {
  /** @returns what a method of the protocol answers. @throws where it does not, or not in time. */
  ask(method: string, params?: object, deadlineMs?: number): Promise<unknown>;
  /**
   * Has the garbage collected, which happens when the isolate is next asked something: one that is not asked is
   * not waited for.
   */
  collect(): Promise<void>;
  /** @returns the bytes of the heap, and of what the runtime keeps for its objects: once collected, those that live. */
  usedBytes(): Promise<number>;
  close(): void;
}

/** An isolate that can be inspected. */
export interface Target {
  /** The name that the runtime has for its Worker. */
  readonly id: string;
  readonly url: string;
}

/** @param port of an inspector. @returns what can be inspected there. @throws where that is no inspector's. */
export async function targetsAt(port: number): Promise<Target[]> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const listed = await fetch(`http://127.0.0.1:${port}/json`, { signal });
  return Targets.parse(await listed.json()).map((target) => ({
    id: target.id,
    url: target.webSocketDebuggerUrl,
  }));
}

/**
 * An isolate serves one inspector: where wrangler has held that place, the first to come after it is let in and
 * never answered, and the next one is.
 * @throws where it can't be reached, or does not answer.
 */
export async function inspect(target: Target): Promise<Inspector> {
  for (let tries = 1; ; tries += 1) {
    const inspector = await connect(target);
    try {
      await inspector.ask("Runtime.getHeapUsage", {}, GREETING_MS);
      return inspector;
    } catch (error) {
      inspector.close();
      if (tries === TRIES) throw error;
    }
  }
}

async function connect({ url }: Target): Promise<Inspector> {
  // Wrangler lets pages of this machine in, and Node's socket says where it comes from only if told.
  const headers = { origin: "http://localhost" };
  const socket: WebSocket = Reflect.construct(WebSocket, [url, { headers }]);
  const answers = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { success, data: answer } = Answer.safeParse(JSON.parse(String(data)));
    if (success) answers.get(answer.id)?.(answer.result);
  });
  const opened = Promise.withResolvers<void>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("error", () => opened.reject(new Error("The inspector hung up.")));
  await within(DEADLINE_MS, opened.promise, () => `a socket in state ${socket.readyState}`);

  let asked = 0;
  async function ask(method: string, params = {}, deadlineMs = DEADLINE_MS): Promise<unknown> {
    asked += 1;
    const id = asked;
    const answer = Promise.withResolvers<unknown>();
    answers.set(id, answer.resolve);
    socket.send(JSON.stringify({ id, method, params }));
    try {
      return await within(deadlineMs, answer.promise, () => `no answer to ${method}`);
    } finally {
      answers.delete(id);
    }
  }

  return {
    ask,
    async collect() {
      await ask("HeapProfiler.collectGarbage", {}, AT_REST_MS).catch(() => undefined);
    },
    async usedBytes() {
      const used = HeapUsage.parse(await ask("Runtime.getHeapUsage"));
      return used.usedSize + used.embedderHeapUsedSize + used.backingStorageSize;
    },
    close: () => socket.close(),
  };
}
