/** Gathers what is left of a conversation when the faults are over: the log, the history, what its user saw. */
import type { Message } from "../../src/protocol/entities.ts";
import type { LoggedEvent } from "../../src/protocol/events.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { followThread } from "../../test/e2e/recording.ts";
import { eventually } from "../../test/e2e/within.ts";
import { type Conversation, isOver } from "./talker.ts";

/** One conversation from all its sides, as plain data. */
export interface Evidence {
  /** Names the conversation in a violation. */
  readonly where: string;
  readonly userId: string;
  readonly threadId: string;
  /** The server's log, read from its beginning. */
  readonly log: readonly LoggedEvent[];
  /** The events the client was shown, over all its reconnects. */
  readonly seen: readonly LoggedEvent[];
  /** The messages the client was promised, and whether it knows the end of their runs. */
  readonly accepted: readonly {
    readonly messageId: string;
    readonly runId: string;
    readonly isOver: boolean;
  }[];
  readonly said: readonly string[];
  readonly history: readonly Pick<Message, "id" | "role" | "content">[];
  /** The messages as the client shows them. */
  readonly shown: readonly { readonly id: string; readonly text: string }[];
  /** The status another user gets for the thread's messages. */
  readonly strangersStatus: number | null;
}

/** Reads all sides of a conversation; the product must be up and its faults over. */
export async function gather(
  conversation: Conversation,
  others: readonly Conversation[],
): Promise<Evidence | null> {
  const { person, connection, accepted, said, frames } = conversation;
  const { threadId, messages } = connection.view;
  if (threadId === null) return null;
  const where = `thread ${threadId}`;
  const stream = await followThread(person, threadId);
  const { data: ready } = await stream.frame("connection_ready");
  await eventually(
    () => stream.frames.filter(isLogged).length >= ready.last_seq || undefined,
    () => `${where}: ${ready.last_seq} events are said to be there`,
  );
  stream.close();
  const stranger = others.find((other) => other.person !== person)?.person;
  const peek = await stranger?.request("GET", `/api/threads/${threadId}/messages`);
  return {
    where,
    userId: person.credentials.user.id,
    threadId,
    log: stream.frames.filter(isLogged),
    seen: frames.filter(isLogged),
    accepted: accepted.map((promise) => ({
      messageId: promise.message_id,
      runId: promise.run_id,
      isOver: isOver(connection, promise),
    })),
    said,
    history: await wholeHistory(conversation, threadId),
    shown: messages.map(({ id, text }) => ({ id, text })),
    strangersStatus: peek?.status ?? null,
  };
}

async function wholeHistory({ person }: Conversation, threadId: ThreadId): Promise<Message[]> {
  const client = await person.client();
  const messages: Message[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.messages.list(threadId, {
      limit: 20,
      order: "asc",
      ...(cursor !== undefined && { cursor }),
    });
    messages.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return messages;
}
