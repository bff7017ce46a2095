/** The messages in their order, kept in sight: it follows what is written until one scrolls away. */
import { type UIEvent, useLayoutEffect, useRef } from "react";
import type { ThreadView } from "../../protocol/thread-view.ts";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";
import { MessageItem } from "./message-item.tsx";

interface Props {
  readonly view: ThreadView;
  readonly loadEarlier: (() => Promise<void>) | null;
}

/** How near the end counts as being there, in pixels: less than one line. */
const NEAR = 16;

/** A region that scrolls by itself, and whose news are announced politely. */
export function MessageLog({ view, loadEarlier }: Props) {
  const log = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const { pending, problem, run } = useAttempt();

  const question = view.messages.findLast(({ role }) => role === "user")?.id;

  useLayoutEffect(() => {
    // Who asks wants to see the answer, wherever they were reading.
    if (question !== undefined) follows.current = true;
  }, [question]);

  useLayoutEffect(() => {
    if (log.current && follows.current) log.current.scrollTop = log.current.scrollHeight;
  });

  function notePlace({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent) {
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR;
  }

  return (
    <div
      ref={log}
      className="log"
      role="log"
      aria-label="Conversation"
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus (WCAG 2.1.1)
      tabIndex={0}
      onScroll={notePlace}
    >
      {loadEarlier && (
        <button type="button" disabled={pending} onClick={() => void run(loadEarlier)}>
          Load earlier messages
        </button>
      )}
      <ProblemNote problem={problem} />
      {view.messages.map((message) => (
        <MessageItem key={message.id} message={message} run={view.runs[message.runId]} />
      ))}
    </div>
  );
}
