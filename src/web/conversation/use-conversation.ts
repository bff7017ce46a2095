/** An open thread on the page: live, with the older messages asked for. */
import { useMemo, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import { type LiveThread, useThread } from "../../client/react.ts";
import type { Message } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { MAX_PAGE } from "../../protocol/limits.ts";
import { withHistory } from "../../protocol/projection.ts";

/** What the page shows of an open thread, and what it can do there. */
export interface Conversation extends LiveThread {
  /** Loads messages from before the first one shown; null where there are none. */
  readonly loadEarlier: (() => Promise<void>) | null;
}

/** @returns the thread as it stands and as it changes; hangs up when the component goes. */
export function useConversation(client: ApexClient, threadId: ThreadId): Conversation {
  const live = useThread(client, threadId);
  const [earlier, setEarlier] = useState<readonly Message[]>([]);
  const [cursor, setCursor] = useState<string | null>();

  const view = useMemo(() => withHistory(live.view, earlier), [live.view, earlier]);
  const first = view.messages[0]?.seq ?? 1;

  /** Pages begin at the newest message, so the first of them may hold nothing but what is shown. */
  async function loadEarlier() {
    let next = cursor;
    let found: Message[] = [];
    do {
      const page = await client.messages.list(threadId, {
        order: "desc",
        limit: MAX_PAGE,
        ...(next && { cursor: next }),
      });
      found = page.data.filter(({ seq }) => seq < first);
      next = page.next_cursor;
    } while (found.length === 0 && next !== null);
    setEarlier((known) => [...known, ...found]);
    setCursor(next);
  }

  return { ...live, view, loadEarlier: first > 1 && cursor !== null ? loadEarlier : null };
}
