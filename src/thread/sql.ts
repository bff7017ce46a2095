/** The Thread object's tables. */
import { JOURNAL_TABLE } from "../durable/journal.ts";

/**
 * The schema, one entry a version; entries are only ever appended.
 * - `state`: the epoch of this journal, and the version of the schema.
 * - `journal`: the events as they were sent, a row a commit. Trimmed from its old end.
 * - `runs`: each run with the message it answers and, once ended, the answer: the conversation.
 * - `steps`: checkpoints of runs that have not ended.
 * - `drafts`: what the live turn wrote since its last checkpoint, stored now and then.
 * - `outbox`: rows on their way to D1.
 * - `dead_letters`: rows that D1 refuses for good, until an operator replays them.
 * - `redeemed_tickets`: one-time tickets that opened a socket, until they would have expired anyway.
 */
export const SCHEMA = [
  `${JOURNAL_TABLE}
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
