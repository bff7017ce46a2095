/** Where a user's sockets are: the threads that hold some, and how many. */
import * as z from "zod";
import type { Log } from "../core/log.ts";
import { reach } from "../durable/reach.ts";
import { ThreadId } from "../protocol/ids.ts";
import type { SocketHolderRpc } from "./rpc.ts";

/** How long a thread may take to close sockets, in milliseconds. */
const DEADLINE_MS = 1_000;

/** A row a thread that holds sockets: before the first of them is open, and until the last is closed. */
export const OPEN_SOCKETS_TABLE =
  "CREATE TABLE open_sockets (thread_id TEXT PRIMARY KEY, sockets INTEGER NOT NULL) WITHOUT ROWID;";

const Row = z.object({ thread_id: ThreadId, sockets: z.number() });

/** What is known of a thread that has a row. */
interface Holder {
  /** As it said last. */
  sockets: number;
  /** As its row says. */
  noted: number;
}

interface OpenSocketsParts {
  readonly sql: SqlStorage;
  /** A new stub of a thread of the user's. */
  readonly thread: (threadId: ThreadId) => SocketHolderRpc;
  readonly log: Log;
  /** Told how many more sockets are open now, or how many fewer. */
  readonly onChange: (more: number) => void;
  /** Has something done in a moment; the object stays awake until then. */
  readonly soon: (work: () => void) => void;
}

/**
 * A thread is noted before its first socket is let in, so that the end of a session reaches it whatever dies. How
 * many more it holds is noted in a moment, for all threads at once: nobody who connects waits for the disk because
 * of it, and a life that ends in between leaves a figure that the thread's next word puts right, or the question
 * before anybody is refused.
 */
export class OpenSockets {
  readonly #sql: SqlStorage;
  readonly #parts: OpenSocketsParts;
  /** The threads that have a row; null until they are first asked for. */
  #holders: Map<ThreadId, Holder> | null = null;
  #isNoting = false;

  constructor(parts: OpenSocketsParts) {
    this.#sql = parts.sql;
    this.#parts = parts;
  }

  /** @returns how many there are in all threads, but for one where it is named. */
  total(except: ThreadId | null = null): number {
    let total = 0;
    for (const [threadId, { sockets }] of this.#known()) if (threadId !== except) total += sockets;
    return total;
  }

  /** A thread says how many it holds now: an absolute figure, so that one report heals what others missed. */
  report(threadId: ThreadId, sockets: number): void {
    const holders = this.#known();
    const holder = holders.get(threadId);
    const before = holder?.sockets ?? 0;
    if (sockets === before) return;
    if (holder === undefined) {
      this.#sql.exec("INSERT INTO open_sockets VALUES (?, ?)", threadId, sockets);
      holders.set(threadId, { sockets, noted: sockets });
    } else {
      holder.sockets = sockets;
      this.#noteSoon();
    }
    this.#parts.onChange(sockets - before);
  }

  /** The account is closed: its threads close their sockets, and none of them reports here any more. */
  forget(): void {
    const total = this.total();
    this.#sql.exec("DELETE FROM open_sockets");
    this.#known().clear();
    if (total > 0) this.#parts.onChange(-total);
  }

  /**
   * Has every thread that holds sockets close those that stand on these, all at once; with none it
   * only asks how many there are. @returns whether all have answered.
   */
  async endVouchers(ids: readonly string[]): Promise<boolean> {
    const reached = await Promise.all(
      [...this.#known().keys()].map(async (threadId) => {
        const thread = () => this.#parts.thread(threadId);
        try {
          this.report(threadId, await reach(thread, (it) => it.endVouchers(ids), DEADLINE_MS));
          return true;
        } catch (error) {
          this.#parts.log.error("sockets.unreached", error, { thread_id: threadId });
          return false;
        }
      }),
    );
    return reached.every(Boolean);
  }

  #known(): Map<ThreadId, Holder> {
    if (this.#holders !== null) return this.#holders;
    const rows = this.#sql.exec("SELECT thread_id, sockets FROM open_sockets").toArray();
    this.#holders = new Map(
      rows.map((row) => {
        const { thread_id, sockets } = Row.parse(row);
        return [thread_id, { sockets, noted: sockets }];
      }),
    );
    return this.#holders;
  }

  #noteSoon(): void {
    if (this.#isNoting) return;
    this.#isNoting = true;
    this.#parts.soon(() => {
      this.#isNoting = false;
      this.#note();
    });
  }

  /** There is no await in it, so that all of it is one transaction. */
  #note(): void {
    const holders = this.#known();
    for (const [threadId, holder] of holders) {
      const { sockets, noted } = holder;
      if (sockets === noted) continue;
      if (sockets === 0) {
        this.#sql.exec("DELETE FROM open_sockets WHERE thread_id = ?", threadId);
        holders.delete(threadId);
      } else {
        const query = "UPDATE open_sockets SET sockets = ? WHERE thread_id = ?";
        this.#sql.exec(query, sockets, threadId);
        holder.noted = sockets;
      }
    }
  }
}
