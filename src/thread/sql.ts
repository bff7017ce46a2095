/** The Thread object's tables. */
import { JOURNAL_TABLE } from "../durable/journal.ts";

/**
 * The schema, one entry a version; entries are only ever appended. Rows written are what storage
 * costs, an index's included, so a turn writes few of them.
 * - `journal`: the events as they were sent, a row a commit, with the checkpoint they were committed
 *   with; from it the history is written too. Trimmed from its old end. `chain` has the hash of the
 *   event before and those of the events; null in commits from before it was kept.
 * - `runs`: each run with the message it answers and, once ended, the answer: the conversation. A run
 *   is named by the seq its message was accepted at. They end in the order they were accepted. One that
 *   begins with its message has a row from its first change on; until then the note of that commit says it.
 *   `workspace_id` says whose usage records it works on; null for runs from before it was kept.
 *   `parked_until` is set while a run waits for a decision, to when it goes on without one.
 *   `connected_tools` are the tools of its user's own servers that it is offered, until it ends.
 *   `tool_scopes` bounds the tools of a run to what its sender was permitted; null for no bound.
 *   `facts` are the figures it found, for the runs after it; `report` is what it reports, if it does;
 *   `max_cost_usd` is what it may cost; null for no bound of its own.
 *   `summary` is what a model has made of the conversation up to it.
 *   `caller` is what a program of another protocol brought along with the message, as JSON.
 *   `origin` names the request and the trace that it came by, as JSON.
 * - `thread`: the title and labels it was given, in the one row of it.
 * - `dead_letters`: rows that D1 refuses for good, until an operator replays them.
 * - `redeemed_tickets`: one-time tickets that opened a socket, until they would have expired anyway.
 */
export const SCHEMA = [
  `${JOURNAL_TABLE}
   CREATE TABLE runs (
     accepted_seq INTEGER PRIMARY KEY,
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
     ended_seq INTEGER,
     ended_at INTEGER,
     draft TEXT,
     answer TEXT,
     usage TEXT,
     problem TEXT,
     cancelled INTEGER NOT NULL DEFAULT 0,
     superseded_by TEXT,
     attempt INTEGER NOT NULL DEFAULT 0,
     deaths INTEGER NOT NULL DEFAULT 0,
     claimed_at INTEGER,
     code_version TEXT
   );
   CREATE UNIQUE INDEX runs_by_client_message_id ON runs (client_message_id)
     WHERE client_message_id IS NOT NULL;
   CREATE TABLE thread (id INTEGER PRIMARY KEY CHECK (id = 1), title TEXT, metadata TEXT NOT NULL);
   CREATE TABLE dead_letters (
     kind TEXT NOT NULL, subject_id TEXT NOT NULL, version INTEGER NOT NULL,
     id INTEGER PRIMARY KEY, entry TEXT NOT NULL, reason TEXT NOT NULL, refused_at TEXT NOT NULL,
     replaying INTEGER NOT NULL DEFAULT 0,
     UNIQUE (kind, subject_id, version)
   );
   CREATE TABLE redeemed_tickets (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;`,
  "ALTER TABLE runs ADD COLUMN tool_scopes TEXT;",
  "ALTER TABLE runs ADD COLUMN workspace_id TEXT;",
  "ALTER TABLE runs ADD COLUMN parked_until INTEGER;",
  "ALTER TABLE runs ADD COLUMN facts TEXT; ALTER TABLE runs ADD COLUMN report TEXT;",
  "ALTER TABLE runs ADD COLUMN summary TEXT;",
  "ALTER TABLE journal ADD COLUMN chain TEXT;",
  "ALTER TABLE runs ADD COLUMN max_cost_usd REAL;",
  "ALTER TABLE runs ADD COLUMN connected_tools TEXT;",
  "ALTER TABLE runs ADD COLUMN caller TEXT;",
  "ALTER TABLE runs ADD COLUMN origin TEXT;",
  "DROP INDEX runs_by_client_message_id;",
];
