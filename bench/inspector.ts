/** The inspector of a Worker's isolate, spoken to as the browser's developer tools do. */
import * as z from "zod";
import { within } from "../test/e2e/within.ts";

const DEADLINE_MS = 30_000;
const Targets = z.array(z.looseObject({ webSocketDebuggerUrl: z.string() }));
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
  ask(method: string, params?: object): Promise<unknown>;
  /**
   * @returns the bytes of the heap, and of what the runtime keeps for its objects, that live after everything
   *   unreachable was collected. It is collected when the Worker is next asked something.
   */
  liveBytes(): Promise<number>;
  close(): void;
}

/** @param port of the inspector. @throws where nothing that can be inspected is there. */
export async function openInspector(port: number): Promise<Inspector> {
  const listed = await fetch(`http://127.0.0.1:${port}/json`);
  const [target] = Targets.parse(await listed.json());
  if (target === undefined) throw new Error(`Nothing can be inspected at port ${port}.`);
  // Wrangler lets pages of this machine in, and Node's socket says where it comes from only if told.
  const headers = { origin: "http://localhost" };
  const socket: WebSocket = Reflect.construct(WebSocket, [
    target.webSocketDebuggerUrl,
    { headers },
  ]);
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
  async function ask(method: string, params: object = {}): Promise<unknown> {
    asked += 1;
    const id = asked;
    const answer = Promise.withResolvers<unknown>();
    answers.set(id, answer.resolve);
    socket.send(JSON.stringify({ id, method, params }));
    try {
      return await within(DEADLINE_MS, answer.promise, () => `no answer to ${method}`);
    } finally {
      answers.delete(id);
    }
  }

  return {
    ask,
    async liveBytes() {
      await ask("HeapProfiler.collectGarbage");
      const used = HeapUsage.parse(await ask("Runtime.getHeapUsage"));
      return used.usedSize + used.embedderHeapUsedSize + used.backingStorageSize;
    },
    close: () => socket.close(),
  };
}
