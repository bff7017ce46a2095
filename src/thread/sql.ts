/** The Thread object's tables, and the one transaction that everything durable goes through. */
import * as z from "zod";
import { newId } from "../core/clock.ts";
import type { EventStore } from "../core/event-log.ts";
import { LoggedEvent } from "../protocol/events.ts";
import { Epoch } from "../protocol/ids.ts";

/**
 * The schema, one entry a version; entries are only ever appended.
 * - `state`: the epoch of this journal, and the version of the schema.
 * - `events`: the journal, as it was sent. Trimmed from its old end.
 * - `runs`: each run with the message it answers and, once ended, the answer: the conversation.
 * - `steps`: checkpoints of runs that have not ended.
 * - `drafts`: what the live turn wrote since its last checkpoint, stored now and then.
 * - `outbox`: rows on their way to D1.
 * - `dead_letters`: rows that D1 refuses for good, until an operator replays them.
 * - `redeemed_tickets`: one-time tickets that opened a socket, until they would have expired anyway.
 */
const SCHEMA = [
  `CREATE TABLE events (seq INTEGER PRIMARY KEY, event TEXT NOT NULL);
   CREATE TABLE runs (
     accepted_seq INTEGER PRIMARY KEY,
     run_id TEXT NOT NULL UNIQUE,
     client_message_id TEXT,
     message_id TEXT NOT NULL,
     answer_id TEXT NOT NULL,
     content TEXT NOT NULL,
     agent TEXT NOT NULL,
     model TEXT NOT NULL,
     status TEXT NOT NULL,
     accepted_at INTEGER NOT NULL,
     started_seq INTEGER,
     started_at INTEGER,
     ended_at INTEGER,
     answer TEXT,
     usage TEXT,
     problem TEXT,
     cancelled INTEGER NOT NULL DEFAULT 0,
     attempt INTEGER NOT NULL DEFAULT 0,
     deaths INTEGER NOT NULL DEFAULT 0
   );
   CREATE UNIQUE INDEX runs_by_client_message_id ON runs (client_message_id)
     WHERE client_message_id IS NOT NULL;
   CREATE INDEX runs_under_way ON runs (accepted_seq) WHERE status IN ('queued', 'running');
   CREATE TABLE steps (
     run_id TEXT NOT NULL, number INTEGER NOT NULL, step TEXT NOT NULL,
     PRIMARY KEY (run_id, number)
   ) WITHOUT ROWID;
   CREATE TABLE drafts (run_id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE outbox (id INTEGER PRIMARY KEY, entry TEXT NOT NULL);
   CREATE TABLE redeemed_tickets (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;`,
  "ALTER TABLE runs ADD COLUMN ended_seq INTEGER",
  `CREATE TABLE dead_letters (
     id INTEGER PRIMARY KEY, entry TEXT NOT NULL, reason TEXT NOT NULL, refused_at TEXT NOT NULL
   );`,
];

/** Events kept for clients that resume. */
const JOURNAL_EVENTS = 5_000;

const State = z.object({ epoch: Epoch, version: z.number() });
const EventRow = z.object({ event: z.string() });
const SeqRow = z.object({ seq: z.number().nullable() });

/** Prepares the tables and reads the epoch; a fresh object starts a new one. */
export function openTables(storage: DurableObjectStorage): Epoch {
  return storage.transactionSync(() => {
    const { sql } = storage;
    sql.exec("CREATE TABLE IF NOT EXISTS state (epoch TEXT NOT NULL, version INTEGER NOT NULL)");
    const found = State.optional().parse(sql.exec("SELECT epoch, version FROM state").toArray()[0]);
    const state = found ?? { epoch: Epoch.parse(newId()), version: 0 };
    if (found === undefined) sql.exec("INSERT INTO state VALUES (?, 0)", state.epoch);
    if (state.version < SCHEMA.length) {
      for (const statements of SCHEMA.slice(state.version)) sql.exec(statements);
      sql.exec("UPDATE state SET version = ?", SCHEMA.length);
    }
    return state.epoch;
  });
}

/** The journal in SQLite, behind the event log's port. */
export class SqlEventStore implements EventStore {
  readonly epoch: Epoch;
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage, epoch: Epoch) {
    this.#sql = sql;
    this.epoch = epoch;
  }

  lastSeq(): number {
    return this.#seq("SELECT max(seq) AS seq FROM events") ?? 0;
  }

  firstSeq(): number | null {
    return this.#seq("SELECT min(seq) AS seq FROM events");
  }

  liveSeq(): number | null {
    return this.#seq(
      "SELECT min(accepted_seq) AS seq FROM runs WHERE status IN ('queued', 'running')",
    );
  }

  insert(event: LoggedEvent): void {
    this.#sql.exec("INSERT INTO events VALUES (?, ?)", event.seq, JSON.stringify(event));
  }

  after(seq: number): readonly LoggedEvent[] {
    const rows = this.#sql.exec("SELECT event FROM events WHERE seq > ? ORDER BY seq", seq);
    return rows.toArray().map(readEvent);
  }

  /** @returns the event of a seq, or null where it is not kept any more. */
  at(seq: number): LoggedEvent | null {
    const [row] = this.#sql.exec("SELECT event FROM events WHERE seq = ?", seq).toArray();
    return row === undefined ? null : readEvent(row);
  }

  /**
   * Forgets the oldest events, so that the journal stays bounded. The newest always stay, and so does
   * what the history does not have yet: until then there is no other place to learn of it.
   */
  trim(): void {
    const unsaved = this.#seq("SELECT min(entry ->> 'version') AS seq FROM outbox");
    const last = Math.min(this.lastSeq() - JOURNAL_EVENTS, (unsaved ?? Infinity) - 1);
    this.#sql.exec("DELETE FROM events WHERE seq <= ?", last);
  }

  #seq(query: string): number | null {
    return SeqRow.parse(this.#sql.exec(query).one()).seq;
  }
}

function readEvent(row: unknown): LoggedEvent {
  return LoggedEvent.parse(JSON.parse(EventRow.parse(row).event));
}

/** One-time tickets: the first to come opens a socket, every later one is refused. */
export class Tickets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns whether this was the ticket's first use. Times are Unix seconds. */
  redeem(id: string, now: number, expiresAt: number): boolean {
    this.#sql.exec("DELETE FROM redeemed_tickets WHERE expires_at < ?", now);
    const written = this.#sql.exec(
      "INSERT INTO redeemed_tickets VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id",
      id,
      expiresAt,
    );
    return written.toArray().length === 1;
  }
}
