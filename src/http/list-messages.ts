/** A thread's messages: the history in D1, completed by what the Thread object still holds. */
import { historyDatabase } from "../durable/history-database.ts";
import type { MessagePage, MessagesQuery } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { pageWith } from "../protocol/paging.ts";
import { Messages, pageOf, positionOf } from "../store/messages.ts";
import { reachThread } from "./ask-thread.ts";

/**
 * @param threadId a thread that the user is known to have.
 * @returns a page, including messages that have not reached D1 yet.
 * @throws {ApexError} `invalid_fields` if the cursor belongs to another list; `unavailable`.
 */
export async function listMessages(
  env: Cloudflare.Env,
  userId: UserId,
  threadId: ThreadId,
  query: MessagesQuery,
): Promise<MessagePage> {
  const after = positionOf(threadId, query);
  const unsaved = await reachThread(env, userId, threadId, (thread) => thread.unsaved());
  const saved = new Messages(historyDatabase(env, userId), userId);
  const { page, limit, ...rest } = query;
  if (page !== undefined) {
    const total = await saved.count(threadId, rest.superseded, unsaved ?? { messages: [] });
    const upTo = await read({ ...rest, limit: page * limit });
    return pageWith(upTo.data.slice((page - 1) * limit), upTo.next_cursor, { page, limit, total });
  }
  return await read(query);

  /** If D1 is unreachable or far behind, the page is read from the thread, which keeps its whole conversation. */
  async function readThread(asked: MessagesQuery): Promise<MessagePage> {
    const messages = await reachThread(env, userId, threadId, (thread) => {
      return thread.readMessages({ ...asked, after });
    });
    return pageOf(threadId, asked, messages);
  }

  async function read(asked: MessagesQuery): Promise<MessagePage> {
    if (unsaved === null) return await readThread(asked);
    return await saved.list(threadId, asked, unsaved).catch((error: unknown) => {
      if (ApexError.from(error).code !== "unavailable") throw error;
      return readThread(asked);
    });
  }
}
