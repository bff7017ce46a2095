/** A thread's messages: the history in D1, completed by what the Thread object still holds. */
import type { MessagePage, MessagesQuery } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { Messages, pageOf, positionOf } from "../store/messages.ts";
import { reachThread } from "./ask-thread.ts";

/**
 * @param threadId of a thread that the user is known to have.
 * @returns a page, complete at any moment.
 * @throws {ApexError} `invalid_fields` where the cursor belongs to another list; `unavailable`.
 */
export async function listMessages(
  env: Cloudflare.Env,
  userId: UserId,
  threadId: ThreadId,
  query: MessagesQuery,
): Promise<MessagePage> {
  const unsaved = await reachThread(env, userId, threadId, (thread) => thread.unsaved());
  // While D1 is away, or far behind, the thread tells what it knows itself: all of its conversation.
  const readThread = async () => {
    const range = { ...query, after: positionOf(threadId, query) };
    const messages = await reachThread(env, userId, threadId, (thread) => {
      return thread.readMessages(range);
    });
    return pageOf(threadId, query, messages);
  };
  if (unsaved === null) return await readThread();
  const saved = new Messages(openDatabase(env.DB), userId);
  return await saved.list(threadId, query, unsaved).catch((error: unknown) => {
    if (ApexError.from(error).code !== "unavailable") throw error;
    return readThread();
  });
}
