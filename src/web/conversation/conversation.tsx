/** The live part of an open thread: its messages, its connection, and the box for the next one. */
import "./conversation.css";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import type { MessageId, RunId, ThreadId } from "../../protocol/ids.ts";
import type { RunView, ThreadView } from "../../protocol/thread-view.ts";
import { OpenReport } from "../report/open-report.tsx";
import { DecideContext } from "../run/approval-request.tsx";
import { useWords } from "../words/words.ts";
import { Announcer } from "./announcer.tsx";
import { ConnectionNote } from "./connection-note.tsx";
import { Examples } from "./examples.tsx";
import { type MessageActions, MessageActionsContext } from "./message-actions.tsx";
import { MessageLog } from "./message-log.tsx";
import { ThreadComposer } from "./thread-composer.tsx";
import { useConversation } from "./use-conversation.ts";
import { useDraft } from "./use-draft.ts";
import { useLatest } from "./use-latest.ts";
import { type Outgoing, useOutbox } from "./use-outbox.ts";

interface Props {
  readonly client: ApexClient;
  readonly threadId: ThreadId;
  /** Hears of the title the thread was given, here or elsewhere. */
  readonly onTitle: (title: string) => void;
  /** Hears that there is an answer: by then the server has named the thread. */
  readonly onAnswer: () => void;
  /** Begins another thread with everything up to a message. */
  readonly onFork: (until: MessageId) => void;
}

/** An earlier question, as it is being changed. */
interface Edit {
  readonly of: MessageId;
  readonly text: string;
}

/** Connects when it is shown, and hangs up when it goes. */
export function Conversation({ client, threadId, onTitle, onAnswer, onFork }: Props) {
  const words = useWords().conversation;
  const thread = useConversation(client, threadId);
  const outbox = useOutbox(thread, threadId);
  const draft = useDraft(threadId);
  const [edit, setEdit] = useState<Edit | null>(null);
  const [takenBack, setTakenBack] = useState<readonly RunId[]>([]);
  const { isOpen, cancel } = thread;
  const view = useMemo(
    () => withoutRetracted(thread.view, outbox.messages, takenBack),
    [thread.view, outbox.messages, takenBack],
  );
  const live = liveRun(view);
  const newest = view.messages.findLast(({ role }) => role === "user");

  const tell = useEffectEvent(onTitle);
  useEffect(() => {
    if (view.title !== null) tell(view.title);
  }, [view.title]);

  const isAnswered = Object.values(view.runs).some(({ usage }) => usage !== null);
  const tellAnswer = useEffectEvent(onAnswer);
  useEffect(() => {
    if (isAnswered) tellAnswer();
  }, [isAnswered]);

  const latest = useLatest({ outbox, draft, onFork });
  const actions = useMemo<MessageActions>(
    () => ({
      edit: ({ id, text }) => setEdit({ of: id, text }),
      askAgain: ({ id, text }) => latest.current.outbox.say(text, id),
      fork: ({ id }) => latest.current.onFork(id),
      takeBack({ runId, text }) {
        cancel(runId);
        setTakenBack((known) => [...known, runId]);
        latest.current.draft.putBack(text);
      },
    }),
    [latest, cancel],
  );

  function send(text: string) {
    outbox.say(text, edit?.of ?? null);
    if (edit === null) draft.write("");
    setEdit(null);
  }

  const isEmpty = isOpen && view.messages.length === 0 && outbox.messages.length === 0;
  return (
    <>
      <DecideContext value={thread.decide}>
        <MessageActionsContext value={actions}>
          <MessageLog
            view={view}
            waiting={outbox.messages}
            loadEarlier={thread.loadEarlier}
            isOpen={isOpen}
            onTakeBack={(message) => {
              outbox.takeBack(message, () => latest.current.draft.putBack(message.content));
            }}
            onSendAgain={outbox.sendAgain}
          />
        </MessageActionsContext>
      </DecideContext>
      <OpenReport runs={view.runs} />
      {isEmpty && (
        <div className="empty-thread">
          <p>{words.emptyThread}</p>
          <Examples onChoose={(question) => outbox.say(question, null)} />
        </div>
      )}
      <Announcer runs={view.runs} live={live} />
      <ConnectionNote
        status={thread.status}
        isOnline={thread.isOnline}
        problem={thread.problem}
        onReconnect={thread.reconnect}
      />
      <ThreadComposer
        draft={draft}
        edit={edit?.text ?? null}
        onEdit={(text) => setEdit((now) => now && { ...now, text })}
        onSend={send}
        onLeaveEdit={() => setEdit(null)}
        onRecall={newest ? () => actions.edit(newest) : null}
        onStop={live ? () => cancel(live.id) : null}
      />
    </>
  );
}

/** @returns the run that Stop means: the one under way, or the next to be. */
function liveRun(view: ThreadView): RunView | undefined {
  const runs = Object.values(view.runs);
  return (
    runs.find(({ status }) => status === "running") ??
    runs.find(({ status }) => status === "queued")
  );
}

/**
 * What was taken back is not shown any more, nor what a waiting message is about to take the place
 * of: where the server refuses that one, it is there again.
 */
function withoutRetracted(
  view: ThreadView,
  waiting: readonly Outgoing[],
  takenBack: readonly RunId[],
): ThreadView {
  const replaced = waiting.flatMap(({ replaces, refusal }) =>
    refusal === null && replaces !== null ? replaces : [],
  );
  if (replaced.length === 0 && takenBack.length === 0) return view;
  const until = view.messages.findIndex(({ id }) => replaced.includes(id));
  const messages = until === -1 ? view.messages : view.messages.slice(0, until);
  return { ...view, messages: messages.filter(({ runId }) => !takenBack.includes(runId)) };
}
