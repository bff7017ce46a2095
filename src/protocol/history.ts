/** The bodies for all threads of a user: the history, the search, and a thread as a file. */
import * as z from "zod";
import { Message, Role, Thread } from "./entities.ts";
import { MessageId, RunId, ThreadId, Timestamp } from "./ids.ts";
import { CursorQuery, Order, PageQuery, page } from "./paging.ts";
import { Text } from "./text.ts";

export const HistoryQuery = PageQuery.extend({
  order: Order.default("desc"),
  thread_id: ThreadId.optional(),
  role: Role.optional(),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const HistoryPage = page(
  Message.extend({ thread_title: z.string().nullable().describe("The title of its thread") }),
);
export type HistoryPage = z.infer<typeof HistoryPage>;

/** The words that are looked for: a message or a title holds all of them. */
export const SearchWords = Text.trim().min(2, "must have at least 2 characters").max(200);

export const SearchQuery = CursorQuery.extend({
  q: SearchWords.describe("Words that a message or a title holds, all of them"),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** What was found of a search: titles with the first page, messages page by page. */
export const SearchPage = page(
  z.object({
    thread_id: ThreadId,
    thread_title: z.string().nullable(),
    message_id: MessageId,
    run_id: RunId,
    role: Role,
    snippet: z.string().describe("The message, or the stretch of it around the first word"),
    created_at: Timestamp,
  }),
).extend({ threads: z.array(Thread).describe("Threads by their titles; on the first page alone") });
export type SearchPage = z.infer<typeof SearchPage>;

export const ThreadExportFormat = z.enum(["json", "csv", "markdown"]);
export type ThreadExportFormat = z.infer<typeof ThreadExportFormat>;

/** The format of an exported thread; without it, the `Accept` header decides. */
export const ThreadExportQuery = z.object({ format: ThreadExportFormat.optional() });
export type ThreadExportQuery = z.infer<typeof ThreadExportQuery>;
