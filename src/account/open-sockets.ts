/** Where a user's sockets are: the threads that hold some, and how many. */
import * as z from "zod";
import type { Log } from "../core/log.ts";
import { reach } from "../durable/reach.ts";
import { ThreadId } from "../protocol/ids.ts";
import type { SocketHolderRpc } from "./rpc.ts";

/** How long a thread may take to close sockets, in milliseconds. */
const DEADLINE_MS = 1_000;

/** A row a thread that holds sockets: written when one opens or closes. */
export const OPEN_SOCKETS_TABLE =
  "CREATE TABLE open_sockets (thread_id TEXT PRIMARY KEY, sockets INTEGER NOT NULL) WITHOUT ROWID;";

const Total = z.object({ total: z.number() });
const Row = z.object({ thread_id: ThreadId });

interface OpenSocketsParts {
  readonly sql: SqlStorage;
  /** A new stub of a thread of the user's. */
  readonly thread: (threadId: ThreadId) => SocketHolderRpc;
  readonly log: Log;
  /** Told how many more sockets are open now, or how many fewer. */
  readonly onChange: (more: number) => void;
}

export class OpenSockets {
  readonly #sql: SqlStorage;
  readonly #parts: OpenSocketsParts;

  constructor(parts: OpenSocketsParts) {
    this.#sql = parts.sql;
    this.#parts = parts;
  }

  /** @returns how many there are in all threads, but for one where it is named. */
  total(except: ThreadId | null = null): number {
    const query = `SELECT coalesce(sum(sockets), 0) AS total FROM open_sockets
                   WHERE thread_id IS NOT ?`;
    return Total.parse(this.#sql.exec(query, except).one()).total;
  }

  /** A thread says how many it holds now: an absolute figure, so that one report heals what others missed. */
  report(threadId: ThreadId, sockets: number): void {
    const more = sockets - (this.total() - this.total(threadId));
    if (more !== 0) this.#parts.onChange(more);
    if (sockets === 0) {
      this.#sql.exec("DELETE FROM open_sockets WHERE thread_id = ?", threadId);
      return;
    }
    this.#sql.exec(
      `INSERT INTO open_sockets VALUES (?, ?) ON CONFLICT DO UPDATE
       SET sockets = excluded.sockets WHERE sockets <> excluded.sockets`,
      threadId,
      sockets,
    );
  }

  /** The account is closed: its threads close their sockets, and none of them reports here any more. */
  forget(): void {
    const total = this.total();
    if (total === 0) return;
    this.#sql.exec("DELETE FROM open_sockets");
    this.#parts.onChange(-total);
  }

  /**
   * Has every thread that holds sockets close those that stand on these, all at once; with none it
   * only asks how many there are. @returns whether all have answered.
   */
  async endVouchers(ids: readonly string[]): Promise<boolean> {
    const reached = await Promise.all(
      this.#threads().map(async (threadId) => {
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

  #threads(): ThreadId[] {
    const rows = this.#sql.exec("SELECT thread_id FROM open_sockets").toArray();
    return rows.map((row) => Row.parse(row).thread_id);
  }
}
