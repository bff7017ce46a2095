/** The tables of what was said, as the objects of threads bring it. */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "./tables.ts";

/** Threads. Ids sort by creation, so the index pages newest first. */
export const threads = sqliteTable(
  "threads",
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    title: text(),
    metadata: text({ mode: "json" }).notNull().default(sql`'{}'`),
    forked_from: text({ mode: "json" }),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (table) => [index("threads_by_user").on(table.user_id, table.id)],
);

/**
 * Messages, as the Thread object's outbox brings them. `version` is the seq of the event that last
 * changed the row, so a late, repeated or overtaken write can never undo a newer one. Stored
 * WITHOUT ROWID (said in the migration, which drizzle can't generate): one row written a message
 * instead of two, and a thread's messages lie side by side.
 */
export const messages = sqliteTable(
  "messages",
  {
    thread_id: text()
      .notNull()
      .references(() => threads.id, { onDelete: "cascade" }),
    seq: integer().notNull(),
    id: text().notNull(),
    user_id: text().notNull(),
    run_id: text().notNull(),
    role: text().notNull(),
    content: text().notNull(),
    agent: text(),
    status: text().notNull(),
    superseded_by: text(),
    created_at: text().notNull(),
    version: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.thread_id, table.seq] })],
);

/**
 * Runs, written when accepted and when ended; the text of an answer stands in `messages` alone.
 * WITHOUT ROWID too, and keyed by user, so that a run costs one row written and no other user's id
 * can ever collide with it. There is no foreign key, because it would need an index by thread, which costs a
 * write for every run. Deleting a thread is rare, and lists its runs instead.
 */
export const runs = sqliteTable(
  "runs",
  {
    user_id: text().notNull(),
    id: text().notNull(),
    thread_id: text().notNull(),
    message_id: text().notNull(),
    answer_id: text().notNull(),
    status: text().notNull(),
    agent: text().notNull(),
    model: text().notNull(),
    usage: text({ mode: "json" }),
    problem: text({ mode: "json" }),
    created_at: text().notNull(),
    started_at: text(),
    completed_at: text(),
    version: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.id] })],
);

/** The reports of runs that made one, by the ids of the runs; kept as {@link runs} are. */
export const runReports = sqliteTable(
  "run_reports",
  {
    user_id: text().notNull(),
    id: text().notNull(),
    thread_id: text().notNull(),
    report: text({ mode: "json" }).notNull(),
    version: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.id] })],
);

/**
 * Threads shown to others by a link, which is known by the SHA-256 of its token alone. What is shown ends
 * at `until_seq`. WITHOUT ROWID.
 */
export const threadShares = sqliteTable("thread_shares", {
  thread_id: text()
    .primaryKey()
    .references(() => threads.id, { onDelete: "cascade" }),
  token_hash: text().notNull().unique(),
  title: text(),
  until_seq: integer().notNull(),
  created_at: text().notNull(),
  renewed_at: text().notNull(),
});
