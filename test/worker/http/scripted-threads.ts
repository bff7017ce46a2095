/** A namespace of Thread objects that answer as a test wants, and remember what they were asked. */
import { env } from "cloudflare:workers";
import { historyDatabase } from "../../../src/durable/history-database.ts";
import type { Message } from "../../../src/protocol/entities.ts";
import { ThreadId, UserId } from "../../../src/protocol/ids.ts";
import { Threads } from "../../../src/store/threads.ts";
import type { ThreadRpc } from "../../../src/thread/rpc.ts";

type Scripted = Pick<ThreadRpc, "unsaved" | "label" | "announceUpdate" | "destroy">;

export class ScriptedThreads {
  /** Every call: the object's name, the method and its arguments. */
  readonly calls: unknown[][] = [];
  /** What the next calls fail with, in order. */
  readonly failures: Error[] = [];
  /** What every object says the history may lack. */
  unsaved: Message[] = [];

  /** To be given to the app in place of the real bindings. */
  readonly bindings = { THREADS: { getByName: (name: string) => this.#object(name) } };

  #object(name: string): Scripted {
    const record = (...call: unknown[]) => {
      this.calls.push([name, ...call]);
      const failure = this.failures.shift();
      if (failure) throw failure;
    };
    return {
      unsaved: async () => {
        record("unsaved");
        return { messages: this.unsaved, supersessions: [] };
      },
      label: async (labels) => record("label", labels),
      announceUpdate: async (labels) => record("announceUpdate", labels),
      destroy: async () => {
        record("destroy");
        const [userId, threadId] = name.split("/");
        const owner = UserId.parse(userId);
        const threads = new Threads(historyDatabase(env, owner), owner);
        return await threads.delete(ThreadId.parse(threadId));
      },
    };
  }
}
