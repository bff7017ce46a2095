/** A thread of somebody new, with the ways a test reaches it: sockets, HTTP, and the object itself. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { z } from "zod";
import { threadObjectName } from "../../../src/durable/names.ts";
import { type Credentials, MessagePage } from "../../../src/protocol/api.ts";
import { type Message, Run, Thread } from "../../../src/protocol/entities.ts";
import { type Asked, ask } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { Client, eventually } from "./client.ts";
import { workAlarm } from "./thread-state.ts";
import { UNFINISHED } from "./unfinished.ts";
import { UNSAVED_COMMITS } from "./unsaved-commits.ts";

const Counts = z.record(z.string(), z.number());

export class Conversation {
  readonly owner: Credentials;
  readonly threadId: Thread["id"];
  /** One isolate serves it all, which remembers what it has asked of the databases. */
  readonly #isolate = {};

  constructor(owner: Credentials, thread: Pick<Thread, "id">) {
    this.owner = owner;
    this.threadId = thread.id;
  }

  get path(): string {
    return `/api/threads/${this.threadId}`;
  }

  /** A new stub each time, because one that saw its object die stays broken. */
  get object() {
    return env.THREADS.getByName(threadObjectName(this.owner.user.id, this.threadId));
  }

  /** Asks below the thread's path, as its owner. */
  ask(path: string, asked: Asked = {}): Promise<Response> {
    const own = { token: this.owner.access_token, bindings: this.#isolate };
    return ask(`${this.path}${path}`, { ...own, ...asked });
  }

  /** Opens a socket. @param query from where, as `?after=…&epoch=…`. */
  async connect(query = ""): Promise<Client> {
    return clientOf(await this.ask(`/socket${query}`, { headers: { upgrade: "websocket" } }));
  }

  async messages(): Promise<Message[]> {
    return MessagePage.parse(await (await this.ask("/messages?limit=100")).json()).data;
  }

  async run(id: string): Promise<Run> {
    const response = await ask(`/api/runs/${id}`, { token: this.owner.access_token });
    return Run.parse(await response.json());
  }

  /** @returns how much the object holds: of unfinished runs their drafts and steps, of the history what is unsaved. */
  rowCounts(): Promise<Record<string, number>> {
    return runInDurableObject(this.object, (_, { storage }) =>
      Counts.parse(
        storage.sql
          .exec(
            `SELECT (SELECT coalesce(sum(json_array_length(events)), 0) FROM journal) AS events,
                    (SELECT count(*) FROM (SELECT accepted_seq FROM runs UNION SELECT * FROM (${UNFINISHED}))) AS runs,
                    (SELECT count(*) FROM runs WHERE draft IS NOT NULL) AS drafts,
                    (SELECT coalesce(sum(json_array_length(note, '$.steps')), 0) FROM journal
                     WHERE note ->> 'run' IN (${UNFINISHED})
                    ) AS steps,
                    (${UNSAVED_COMMITS}) AS outbox`,
          )
          .one(),
      ),
    );
  }

  /** Lets the alarm ring now, where it stands for work to do. @returns whether it did. */
  async alarm(): Promise<boolean> {
    const alarm = await runInDurableObject(this.object, (_, state) => workAlarm(state));
    return alarm !== null && (await runDurableObjectAlarm(this.object));
  }

  /** Has the object die, and its sockets with it, in the middle of whatever it does. */
  async die(): Promise<void> {
    await abortAllDurableObjects();
  }

  /** Rings the alarm until nothing is left to do: no run, and no row on its way to D1. */
  async settled(): Promise<void> {
    await eventually(async () => {
      await this.alarm();
      const { outbox, drafts, steps } = await this.rowCounts();
      expect({ outbox, drafts, steps }).toEqual({ outbox: 0, drafts: 0, steps: 0 });
    });
  }
}

/** @returns a new thread, of somebody new where nobody is named. */
export async function beginThread(owner?: Credentials): Promise<Conversation> {
  const who = owner ?? (await somebody());
  const response = await ask("/api/threads", { method: "POST", token: who.access_token });
  return new Conversation(who, Thread.parse(await response.json()));
}

/** @returns the client at the end of an answer that opened a socket. */
export function clientOf({ status, webSocket }: Response): Client {
  if (status !== 101 || webSocket === null) throw new Error(`no socket but a ${status}`);
  return new Client(webSocket);
}
