/** One message of a conversation, with the run that wrote it. */
import { memo } from "react";
import type { MessageView, RunView } from "../../protocol/thread-view.ts";
import { RunDetails } from "../run/run-details.tsx";
import { RunOutcome } from "../run/run-outcome.tsx";
import { AnswerText } from "./answer-text.tsx";

interface Props {
  readonly message: MessageView;
  /** The run the message belongs to; older ones are no longer in the journal. */
  readonly run: RunView | undefined;
}

/**
 * The person's words, or an answer with how it came about. A run that never started has no answer
 * to stand beside, so its state is shown under the words that asked for it. Memoised: while one
 * answer streams, the others stay as they are.
 */
export const MessageItem = memo(function MessageItem({ message, run }: Props) {
  const isAnswer = message.role === "assistant";
  const showsOutcome = run !== undefined && (isAnswer || run.agent === null);
  return (
    <article
      className={`message ${message.role}`}
      aria-label={isAnswer ? "Apex Edge" : "You"}
      aria-busy={message.status === "streaming"}
    >
      {isAnswer && run && <RunDetails run={run} />}
      {isAnswer ? (
        <AnswerText text={message.text} run={run} />
      ) : (
        <div className="text">{message.text}</div>
      )}
      {showsOutcome && <RunOutcome run={run} />}
      {run === undefined && message.status === "failed" && <p>This answer failed.</p>}
      {run === undefined && message.status === "cancelled" && <p>This answer was stopped.</p>}
    </article>
  );
});
