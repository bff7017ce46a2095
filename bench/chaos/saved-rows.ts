/** D1 as it lies on the disk: the rows themselves, read past the product. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { Message, Run } from "../../src/protocol/entities.ts";

/** What a message is, wherever it is kept. */
export const MessageRow = Message.pick({
  id: true,
  run_id: true,
  role: true,
  content: true,
  status: true,
  seq: true,
});
export type MessageRow = z.infer<typeof MessageRow>;

/** What a run comes to, wherever it is kept. */
export const RunRow = Run.pick({ id: true, message_id: true, answer_id: true, status: true });
export type RunRow = z.infer<typeof RunRow>;

/** The rows of one thread. */
export interface SavedThread {
  /** In the order of the log. */
  readonly messages: readonly MessageRow[];
  /** In any order. */
  readonly runs: readonly RunRow[];
}

/** @returns what D1 holds of a thread at this moment. */
export function readSaved(stateDirectory: string, threadId: string): SavedThread {
  const directory = join(stateDirectory, "v3/d1/miniflare-D1DatabaseObject");
  const name = readdirSync(directory).find((file) => /^[0-9a-f]{64}\.sqlite$/.test(file));
  if (name === undefined) throw new Error(`There is no database in ${directory}.`);
  const database = new DatabaseSync(join(directory, name), { readOnly: true });
  try {
    const rows = (table: string) =>
      database.prepare(`SELECT * FROM ${table} WHERE thread_id = ?`).all(threadId);
    const messages = z.array(MessageRow).parse(rows("messages"));
    return {
      messages: messages.toSorted((a, b) => a.seq - b.seq),
      runs: z.array(RunRow).parse(rows("runs")),
    };
  } finally {
    database.close();
  }
}
