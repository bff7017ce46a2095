/** One writer at a time in a workspace, for a store that has no unique key: a lease in D1, by D1's own clock. */
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { backoff } from "../core/retry.ts";
import { ApexError } from "../protocol/errors.ts";
import { d1Query } from "./d1-query.ts";
import { assertOwner, hasOwner } from "./workspace-owner.ts";

const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/** Whoever has it takes it again: what such a one sent before, it sends anew. */
const TAKE = `
  INSERT INTO usage_leases (workspace_id, holder, until) SELECT ?1, ?2, ${NOW} + ?3 WHERE ${hasOwner("?1")}
  ON CONFLICT (workspace_id) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE until <= ${NOW} OR holder = excluded.holder
  RETURNING until`;

const KEEP = `
  UPDATE usage_leases SET until = min(until, ${NOW} + ?3) WHERE workspace_id = ?1 AND holder = ?2`;

const RELEASE = "DELETE FROM usage_leases WHERE workspace_id = ?1 AND holder = ?2";

const LEFT = `SELECT max(until - ${NOW}, 0) AS ms FROM usage_leases WHERE workspace_id = ?1`;
const LeftRow = z.object({ ms: z.number() });

/** Between two tries for a lease that somebody has, in milliseconds: a batch takes some tenths of a second. */
const PAUSES = { initialMs: 20, maxMs: 160 };

export interface WorkspaceLeaseOptions {
  readonly db: D1Database;
  readonly workspaceId: string;
  /** How long a statement may take, in milliseconds: what was sent has arrived by then, or never will. */
  readonly statementMs: number;
  readonly clock: Clock;
}

/** What its holder knows of it, and tells. */
export interface HeldLease {
  /** The last moment at which a statement may be sent, in milliseconds since the Unix epoch. */
  readonly sendUntil: number;
  /** From now on something may arrive, also where this fails. */
  sending(): void;
}

export class WorkspaceLease {
  readonly #db: D1Database;
  readonly #query: ReturnType<typeof d1Query>;
  readonly #workspaceId: string;
  readonly #statementMs: number;
  readonly #clock: Clock;

  constructor({ db, workspaceId, statementMs, clock }: WorkspaceLeaseOptions) {
    this.#db = db;
    this.#query = d1Query(db);
    this.#workspaceId = workspaceId;
    this.#statementMs = statementMs;
    this.#clock = clock;
  }

  /**
   * Waits, as long as a statement may take, until nobody else writes in the workspace, and works then. Where
   * that fails with something on its way, nobody else writes until it must have arrived.
   * @param holder who works, by a name: one of the same name does not wait.
   * @throws {ApexError} `unavailable`, and when to try again, where another writes for longer, or D1 does not
   *   answer; `forbidden` where the workspace is nobody's any more.
   */
  async hold<Value>(holder: string, work: (lease: HeldLease) => Promise<Value>): Promise<Value> {
    const since = await this.#take(holder);
    let mayArrive = false;
    const sending = () => {
      mayArrive = true;
    };
    try {
      const value = await work({ sendUntil: since + this.#statementMs, sending });
      mayArrive = false;
      return value;
    } finally {
      const ending = mayArrive
        ? this.#run(KEEP, holder, this.#statementMs)
        : this.#run(RELEASE, holder);
      // One that cannot be given back ends by itself.
      await ending.catch(() => {});
    }
  }

  /** @returns the moment from which on it lasts: for sending, for giving up, and for the server to stop. */
  async #take(holder: string): Promise<number> {
    const asked = this.#clock.now();
    for (let tries = 1; ; tries += 1) {
      const since = this.#clock.now();
      if ((await this.#run(TAKE, holder, 3 * this.#statementMs)) > 0) return since;
      if (tries === 1) await assertOwner(this.#db, this.#workspaceId);
      if (since - asked >= this.#statementMs) throw await this.#taken();
      await this.#clock.sleep(backoff(Math.min(tries, 5), PAUSES));
    }
  }

  /** @returns how many rows the statement gave. */
  async #run(sql: string, holder: string, ...values: number[]): Promise<number> {
    const bound = [this.#workspaceId, holder, ...values];
    return (await this.#query.rows(z.unknown(), sql, bound)).length;
  }

  async #taken(): Promise<ApexError> {
    await assertOwner(this.#db, this.#workspaceId);
    const [left] = await this.#query.rows(LeftRow, LEFT, [this.#workspaceId]);
    const retryAfter = Math.max(1, Math.ceil((left?.ms ?? 0) / 1_000));
    const detail = `Other records of this workspace are being stored. Please try again in ${retryAfter} s.`;
    return new ApexError("unavailable", detail, { retryAfter });
  }
}
