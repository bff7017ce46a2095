/** The live part of an open thread: its messages, its connection, and the box for the next one. */
import "./conversation.css";
import { useEffect, useEffectEvent } from "react";
import type { ApexClient } from "../../client/index.ts";
import type { ThreadId } from "../../protocol/ids.ts";
import type { RunView, ThreadView } from "../../protocol/thread-view.ts";
import { OpenReport } from "../report/open-report.tsx";
import { DecideContext } from "../run/approval-request.tsx";
import { Composer } from "./composer.tsx";
import { ConnectionNote } from "./connection-note.tsx";
import { MessageLog } from "./message-log.tsx";
import { useConversation } from "./use-conversation.ts";

interface Props {
  readonly client: ApexClient;
  readonly threadId: ThreadId;
  /** Hears of the title the thread was given, here or elsewhere. */
  readonly onTitle: (title: string) => void;
  /** Hears that there is an answer: by then the server has named the thread. */
  readonly onAnswer: () => void;
}

/** Connects when it is shown, and hangs up when it goes. */
export function Conversation({ client, threadId, onTitle, onAnswer }: Props) {
  const { view, status, problem, send, cancel, decide, reconnect, loadEarlier } = useConversation(
    client,
    threadId,
  );
  const live = liveRun(view);
  const tell = useEffectEvent(onTitle);
  useEffect(() => {
    if (view.title !== null) tell(view.title);
  }, [view.title]);

  const isAnswered = Object.values(view.runs).some(({ usage }) => usage !== null);
  const tellAnswer = useEffectEvent(onAnswer);
  useEffect(() => {
    if (isAnswered) tellAnswer();
  }, [isAnswered]);

  return (
    <>
      <DecideContext value={decide}>
        <MessageLog view={view} loadEarlier={loadEarlier} />
      </DecideContext>
      <OpenReport runs={view.runs} />
      <ConnectionNote status={status} problem={problem} onReconnect={reconnect} />
      <Composer onSend={send} onStop={live ? () => cancel(live.id) : null} />
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
