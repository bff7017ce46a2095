/** An open thread, live: its view, its connection, and the older messages asked for. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ApexClient, ConnectionStatus, ThreadConnection } from "../../client/index.ts";
import type { Message } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { RunId, ThreadId } from "../../protocol/ids.ts";
import { MAX_PAGE } from "../../protocol/limits.ts";
import { withHistory } from "../../protocol/projection.ts";
import { EMPTY_THREAD, type ThreadView } from "../../protocol/thread-view.ts";
import type { Decide } from "./approval-request.tsx";

/** What the page shows of an open thread, and what it can do there. */
export interface Conversation {
  readonly view: ThreadView;
  readonly status: ConnectionStatus;
  /** Why the connection ended for good, or what the server had against the last command. */
  readonly problem: ApexError | null;
  /** @throws {ApexError} why the message was not taken. */
  send(content: string): Promise<void>;
  cancel(run: RunId): void;
  /** Lets a tool call that waits for it go on, or not. */
  readonly decide: Decide;
  /** Opens the connection again after it ended for good. */
  reconnect(): void;
  /** Loads messages from before the first one shown; null where there are none. */
  readonly loadEarlier: (() => Promise<void>) | null;
}

/** @returns the thread as it stands and as it changes; hangs up when the component goes. */
export function useConversation(client: ApexClient, threadId: ThreadId): Conversation {
  const connection = useRef<ThreadConnection>(null);
  const [attempt, setAttempt] = useState(0);
  const [live, setLive] = useState<ThreadView>(EMPTY_THREAD);
  const [status, setStatus] = useState<ConnectionStatus>("connecting");
  const [problem, setProblem] = useState<ApexError | null>(null);
  const [earlier, setEarlier] = useState<readonly Message[]>([]);
  const [cursor, setCursor] = useState<string | null>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt dials again
  useEffect(() => {
    setStatus("connecting");
    setProblem(null);
    const opened = client.connect(threadId, {
      onChange: setLive,
      onStatus(now, error) {
        setStatus(now);
        setProblem(error);
      },
      onFrame(frame) {
        if (frame.type !== "error") return;
        // A refused message rejects its `send`; what names no command is the client's to mend.
        const { command, client_message_id, problem: refusal } = frame.data;
        if (command !== null && client_message_id === null) {
          setProblem(ApexError.fromProblem(refusal));
        }
      },
    });
    connection.current = opened;
    return () => opened.close();
  }, [client, threadId, attempt]);

  const view = useMemo(() => withHistory(live, earlier), [live, earlier]);
  const first = view.messages[0]?.seq ?? 1;

  const decide = useCallback<Decide>((callId, decision) => {
    connection.current?.approve(callId, decision);
  }, []);

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
    view,
    status,
    problem,
    async send(content) {
      await connection.current?.send(content);
    },
    cancel: (run) => connection.current?.cancel(run),
    decide,
    reconnect: () => setAttempt((count) => count + 1),
    loadEarlier: first > 1 && cursor !== null ? loadEarlier : null,
  };
}
