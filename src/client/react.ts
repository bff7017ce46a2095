/** A React hook for a thread: its current view, kept up to date while the component is mounted. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { AcceptedMessage } from "../protocol/api.ts";
import type { ApprovalDecision } from "../protocol/approvals.ts";
import { ApexError } from "../protocol/errors.ts";
import type { CallId, RunId, ThreadId } from "../protocol/ids.ts";
import { EMPTY_THREAD, type ThreadView } from "../protocol/thread-view.ts";
import type { ApexClient } from "./apex-client.ts";
import type { ConnectionStatus } from "./connection-machine.ts";
import type { SendOptions } from "./outgoing.ts";
import type { ThreadConnection } from "./thread-connection.ts";

/** What a component shows of a thread, and what it can do there. */
export interface LiveThread {
  readonly view: ThreadView;
  readonly status: ConnectionStatus;
  /** Why the connection ended for good, or what the server had against the last command. */
  readonly problem: ApexError | null;
  /** @throws {ApexError} why the message was not taken, as `ThreadConnection.send` does. */
  readonly send: (content: string, options?: SendOptions) => Promise<AcceptedMessage>;
  /** Stops a run; without an id, the one that runs. */
  readonly cancel: (run?: RunId) => void;
  /** Lets a tool call that waits for it go on, or not. */
  readonly decide: (call: CallId, decision: ApprovalDecision) => void;
  /** Opens the connection again after it ended for good. */
  readonly reconnect: () => void;
  /** Dials at once where it would wait first: the network is back. */
  readonly hurry: () => void;
}

/**
 * @param client must be the same object at every render; a different one opens a new connection.
 * @param threadId null for a new thread, which the server creates; `view.threadId` then holds its id.
 * @returns the thread's view, renewed as it changes. The connection closes when the component unmounts.
 */
export function useThread(client: ApexClient, threadId: ThreadId | null): LiveThread {
  const connection = useRef<ThreadConnection>(null);
  const [attempt, setAttempt] = useState(0);
  const [view, setView] = useState<ThreadView>(EMPTY_THREAD);
  const [status, setStatus] = useState<ConnectionStatus>("connecting");
  const [problem, setProblem] = useState<ApexError | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt dials again
  useEffect(() => {
    setStatus("connecting");
    setProblem(null);
    const paced = framePaced(setView);
    let isText = false;
    const opened = client.connect(threadId, {
      onChange: (now) => (isText ? paced.text(now) : paced.event(now)),
      onStatus(now, error) {
        setStatus(now);
        setProblem(error);
      },
      onFrame(frame) {
        isText = frame.type === "message_delta";
        if (frame.type !== "error") return;
        // A refused message rejects its `send`; what names no command is the client's to mend.
        const { command, client_message_id, problem: refusal } = frame.data;
        if (command !== null && client_message_id === null) {
          setProblem(ApexError.fromProblem(refusal));
        }
      },
    });
    connection.current = opened;
    return () => {
      connection.current = null;
      paced.stop();
      opened.close();
    };
  }, [client, threadId, attempt]);

  const send = useCallback<LiveThread["send"]>((content, options) => {
    if (connection.current !== null) return connection.current.send(content, options);
    return Promise.reject(new ApexError("unavailable", "The thread is not open."));
  }, []);
  const cancel = useCallback<LiveThread["cancel"]>((run) => connection.current?.cancel(run), []);
  const decide = useCallback<LiveThread["decide"]>(
    (call, decision) => connection.current?.approve(call, decision),
    [],
  );
  const reconnect = useCallback(() => setAttempt((count) => count + 1), []);
  const hurry = useCallback(() => connection.current?.hurry(), []);

  return { view, status, problem, send, cancel, decide, reconnect, hurry };
}

/** What a screen shows once: more of a text than that nobody sees. */
const FRAME_MS = 16;

/**
 * Shows each view at once, except those that only add text: of these the newest is shown once per animation
 * frame, however fast the model writes.
 */
function framePaced(show: (view: ThreadView) => void) {
  let next: ThreadView | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  function showText(view: ThreadView): void {
    show(view);
    timer = setTimeout(() => {
      timer = null;
      const waiting = next;
      next = null;
      if (waiting !== null) showText(waiting);
    }, FRAME_MS);
  }
  return {
    event(view: ThreadView): void {
      next = null;
      show(view);
    },
    text(view: ThreadView): void {
      if (timer === null) showText(view);
      else next = view;
    },
    stop(): void {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
