/** Waits for clients to learn all that became of what they said, so that a verdict finds nothing under way. */
import { knowsEnd, type Tab } from "./tab.ts";
import type { Conversation } from "./talker.ts";

/** How long clients may take to learn the end of every run once nothing fails any more, in milliseconds. */
const DEADLINE_MS = 120_000;

/** Waits until every client is back and knows the end of every run it was promised; the verdict names the rest. */
export async function settle(conversations: readonly Conversation[]): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const settled = (tab: Tab, { accepted }: Conversation) =>
    tab.connection.error !== null ||
    (tab.connection.status === "open" && accepted.every((promise) => knowsEnd(tab, promise)));
  await Promise.all(
    conversations.flatMap((conversation) =>
      conversation.tabs.map((tab) => tab.until(() => settled(tab, conversation), deadline)),
    ),
  );
}
