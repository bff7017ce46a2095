/** Which threads hold sockets of a user, and how many each. */
import * as z from "zod";
import type { Log } from "../core/log.ts";
import { reach } from "../durable/reach.ts";
import { ThreadId } from "../protocol/ids.ts";
import type { SocketHolderRpc } from "./rpc.ts";

/** How long a thread may take to close sockets, in milliseconds. */
const DEADLINE_MS = 1_000;

/** One row per thread with sockets, from before the first one opens until the last one has closed. */
export const OPEN_SOCKETS_TABLE =
  "CREATE TABLE open_sockets (thread_id TEXT PRIMARY KEY, sockets INTEGER NOT NULL) WITHOUT ROWID;";

const Row = z.object({ thread_id: ThreadId, sockets: z.number() });

/** A thread that has a row. */
interface Holder {
  /** The number that the thread reported last. */
  sockets: number;
  /** The number in its row. */
  noted: number;
}

interface OpenSocketsParts {
  readonly sql: SqlStorage;
  /** A new stub of a thread of the user's. */
  readonly thread: (threadId: ThreadId) => SocketHolderRpc;
  readonly log: Log;
  /** Called with the change in the number of open sockets, which may be negative. */
  readonly onChange: (more: number) => void;
  /** Runs work a moment later, and keeps the object awake until then. */
  readonly soon: (work: () => void) => void;
}

/**
 * A thread is stored before its first socket opens, so that the end of a session reaches it even after a crash.
 * The number of its sockets is stored a moment later, for all threads at once, so that a connection does not wait
 * for the disk. If a crash loses it, the thread's next report corrects it, or the recount that precedes any
 * refusal.
 */
export class OpenSockets {
  readonly #sql: SqlStorage;
  readonly #parts: OpenSocketsParts;
  /** The threads that have a row; null until they are first read. */
  #holders: Map<ThreadId, Holder> | null = null;
  #isNoting = false;

  constructor(parts: OpenSocketsParts) {
    this.#sql = parts.sql;
    this.#parts = parts;
  }

  /** @returns the number of sockets in all threads, without those of one thread if it is named. */
  total(except: ThreadId | null = null): number {
    let total = 0;
    for (const [threadId, { sockets }] of this.#known()) if (threadId !== except) total += sockets;
    return total;
  }

  /** Takes a thread's report. The number is absolute, so that one report makes up for lost ones. */
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

  /** Called when the account is closed: its threads close their sockets themselves, and reports end. */
  forget(): void {
    const total = this.total();
    this.#sql.exec("DELETE FROM open_sockets");
    this.#known().clear();
    if (total > 0) this.#parts.onChange(-total);
  }

  /**
   * Tells every thread with sockets to close those that were opened with these sessions or API keys. With no ids,
   * it only asks for their number.
   * @returns whether all threads have answered.
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

  /** Awaits nothing, so that all its writes are one transaction. */
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
