/** An open thread on the page: live, with the older messages asked for. */
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import { type LiveThread, useThread } from "../../client/react.ts";
import type { Message } from "../../protocol/entities.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import { MAX_PAGE } from "../../protocol/limits.ts";
import { withHistory } from "../../protocol/projection.ts";
import { EMPTY_THREAD, type MessageView, type ThreadView } from "../../protocol/thread-view.ts";
import { useOnline } from "../design/use-online.ts";

/** What the page shows of an open thread, and what it can do there. */
export interface Conversation extends LiveThread {
  /** Whether what is sent now arrives now. */
  readonly isOpen: boolean;
  readonly isOnline: boolean;
  /** Loads messages from before the first one shown; null where there are none. */
  readonly loadEarlier: (() => Promise<void>) | null;
}

/** @returns the thread as it stands and as it changes; hangs up when the component goes. */
export function useConversation(client: ApexClient, threadId: ThreadId): Conversation {
  const live = useThread(client, threadId);
  const isOnline = useOnline();
  const [earlier, setEarlier] = useState<readonly Message[]>([]);
  const [cursor, setCursor] = useState<string | null>();
  const { superseded } = live.view;
  const before = useMemo(() => {
    return withHistory({ ...EMPTY_THREAD, superseded }, earlier).messages;
  }, [earlier, superseded]);
  const view = useMemo(() => withEarlier(live.view, before), [live.view, before]);
  const first = view.messages[0]?.seq ?? 1;

  const hurry = useEffectEvent(() => live.hurry());
  useEffect(() => {
    if (isOnline) hurry();
  }, [isOnline]);

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

  return {
    ...live,
    view,
    isOnline,
    isOpen: isOnline && live.status === "open",
    loadEarlier: first > 1 && cursor !== null ? loadEarlier : null,
  };
}

/** The live view with what was said before it: cheap, for it is made for each piece of an answer. */
function withEarlier(view: ThreadView, before: readonly MessageView[]): ThreadView {
  if (before.length === 0) return view;
  const from = view.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  return { ...view, messages: [...before.filter(({ seq }) => seq < from), ...view.messages] };
}
