/** The messages in their order, of which only those near sight are elements, however many there are. */
import "./message-log.css";
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { MessageView, ThreadView } from "../../protocol/thread-view.ts";
import { useAttempt } from "../attempt.ts";
import { ArrowDownIcon } from "../design/icons.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { MessageItem } from "./message-item.tsx";
import { useFollow } from "./use-follow.ts";
import { useNamedMessage } from "./use-named-message.ts";
import type { Outgoing } from "./use-outbox.ts";
import { WaitingItem, type WaitingProps } from "./waiting-item.tsx";

interface Props extends Omit<WaitingProps, "message"> {
  readonly view: ThreadView;
  /** Stand after the last message. */
  readonly waiting: readonly Outgoing[];
  readonly loadEarlier: (() => Promise<void>) | null;
}

/** The newest stay elements, also out of sight: they can be found, and one that streams stays one. */
const ALWAYS_THERE = 16;

/** A region that scrolls by itself. What comes anew is announced elsewhere, in few words. */
export function MessageLog({ view, waiting, loadEarlier, ...waitingProps }: Props) {
  const { conversation } = useWords();
  const { messages, runs } = view;
  const log = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { follows, isFollowing, isNearBeginning, follow, leave, ...noticed } = useFollow();
  const { pending, problem, run } = useAttempt();
  const isPrepended = usePrepended(messages);

  const entries: readonly (MessageView | Outgoing)[] = [...messages, ...waiting];
  const keepEnd = () => {
    if (log.current && follows.current) log.current.scrollTop = log.current.scrollHeight;
  };

  // Who asks wants to see the answer, wherever they were reading.
  const question = waiting.at(-1)?.id ?? messages.findLast(isQuestion)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question is followed again
  useLayoutEffect(() => follow(), [question, follow]);
  useLayoutEffect(keepEnd);

  const isScrolledUp = isNearBeginning && !isFollowing;
  const loadMore = useEffectEvent(() => {
    if (loadEarlier && !pending && problem === null) void run(loadEarlier);
  });
  useEffect(() => {
    if (isScrolledUp) loadMore();
  }, [isScrolledUp]);

  const named = useNamedMessage({
    messages,
    loadMore: loadEarlier && !pending && problem === null ? () => void run(loadEarlier) : null,
    show(index) {
      leave();
      list.current?.scrollToIndex(index, { align: "start" });
    },
  });

  return (
    <div className="log-frame">
      {loadEarlier && isNearBeginning && (
        <div className="log-pill earlier">
          <button type="button" disabled={pending} onClick={() => void run(loadEarlier)}>
            {pending ? conversation.loadingEarlier : conversation.loadEarlier}
          </button>
          <ProblemNote problem={problem} />
        </div>
      )}
      <div
        ref={log}
        className="log"
        role="log"
        aria-label={conversation.log}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus (WCAG 2.1.1)
        tabIndex={0}
        {...noticed}
      >
        <Virtualizer
          ref={list}
          data={entries}
          shift={isPrepended}
          keepMounted={lastOf(entries.length)}
          onResize={keepEnd}
        >
          {(entry) =>
            "isSending" in entry ? (
              <WaitingItem key={entry.id} message={entry} {...waitingProps} />
            ) : (
              <MessageItem
                key={entry.id}
                message={entry}
                isNamed={entry.id === named}
                run={runs[entry.runId]}
                question={messages.findLast(
                  (message) => message.runId === entry.runId && isQuestion(message),
                )}
              />
            )
          }
        </Virtualizer>
      </div>
      {!isFollowing && (
        <div className="log-pill newest">
          <button
            type="button"
            onClick={() => {
              follow();
              keepEnd();
            }}
          >
            <ArrowDownIcon /> {conversation.jumpToNewest}
          </button>
        </div>
      )}
    </div>
  );
}

function isQuestion({ role }: MessageView): boolean {
  return role === "user";
}

/** @returns whether messages have come before the first one that was shown: then the place is kept. */
function usePrepended(messages: readonly MessageView[]): boolean {
  const first = messages[0]?.id;
  const [known, setKnown] = useState(first);
  useEffect(() => setKnown(first), [first]);
  return known !== first && messages.some(({ id }) => id === known);
}

function lastOf(count: number): number[] {
  const from = Math.max(0, count - ALWAYS_THERE);
  return Array.from({ length: count - from }, (_, index) => from + index);
}
