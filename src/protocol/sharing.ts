/** Threads shown to others by a link: what the owner learns of it, and what a reader of it is shown. */
import * as z from "zod";
import { Message } from "./entities.ts";
import { Timestamp } from "./ids.ts";
import { CursorQuery, page } from "./paging.ts";

/**
 * The secret in a link: 256 random bits. Whoever has it may read the thread. Clients should not rely on its
 * format.
 */
export const ShareToken = z.string().min(1).max(128);

/** How a thread is shared. */
export const ThreadShare = z.object({
  created_at: Timestamp.describe("When the link was made"),
  renewed_at: Timestamp.describe("What was complete by then is shown, and nothing after it"),
});
export type ThreadShare = z.infer<typeof ThreadShare>;

/** Whether a thread is shared, and since when. */
export const ThreadShareState = z.object({
  share: ThreadShare.nullable().describe("null where the thread is not shared"),
});
export type ThreadShareState = z.infer<typeof ThreadShareState>;

/** The answer that shows a link: once, for only the hash of its token is kept. */
export const CreatedThreadShare = ThreadShare.extend({
  token: ShareToken.describe("Shown this once"),
  path: z.string().describe("Of the page that shows the thread to whoever opens it"),
});
export type CreatedThreadShare = z.infer<typeof CreatedThreadShare>;

/** Which page of a shared thread. */
export const SharedThreadQuery = CursorQuery.pick({ limit: true, cursor: true });
export type SharedThreadQuery = z.infer<typeof SharedThreadQuery>;

/** A message as readers of a shared thread see it: without its author's identity, or how it was produced. */
export const SharedMessage = Message.pick({
  seq: true,
  role: true,
  content: true,
  status: true,
  created_at: true,
});
export type SharedMessage = z.infer<typeof SharedMessage>;

/** A shared thread, a page of its messages at a time, oldest first. */
export const SharedThread = page(SharedMessage)
  .pick({ data: true, has_more: true, next_cursor: true })
  .extend({ title: z.string().nullable(), shared_at: Timestamp });
export type SharedThread = z.infer<typeof SharedThread>;
