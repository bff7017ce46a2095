/** One message of a conversation, with the run that wrote it. */
import { memo } from "react";
import type { MessageView, RunView } from "../../protocol/thread-view.ts";
import { RunDetails } from "../run/run-details.tsx";
import { RunOutcome } from "../run/run-outcome.tsx";
import { useWords } from "../words/words.ts";
import { AnswerText } from "./answer-text.tsx";
import { MessageToolbar } from "./message-actions.tsx";

interface Props {
  readonly message: MessageView;
  /** The run the message belongs to; older ones are no longer in the journal. */
  readonly run: RunView | undefined;
  /** What the person asked; undefined where it is not loaded. */
  readonly question?: MessageView | undefined;
  /** Whether the address names it. */
  readonly isNamed?: boolean;
}

/**
 * The person's words, or an answer with how it came about. A run that never started has no answer
 * to stand beside, so its state is shown under the words that asked for it. Memoised: while one
 * answer streams, the others stay as they are.
 */
export const MessageItem = memo(function MessageItem({
  message,
  run,
  question,
  isNamed = false,
}: Props) {
  const { conversation } = useWords();
  const isAnswer = message.role === "assistant";
  const isStreaming = message.status === "streaming";
  const showsOutcome = run !== undefined && (isAnswer || run.agent === null);
  return (
    <article
      className={`message ${message.role}`}
      aria-label={isAnswer ? conversation.product : conversation.you}
      aria-busy={isStreaming}
      aria-current={isNamed || undefined}
    >
      {isAnswer && run && <RunDetails run={run} />}
      {isAnswer ? (
        <AnswerText text={message.text} run={run} isStreaming={isStreaming} />
      ) : (
        <div className="text">{message.text}</div>
      )}
      {showsOutcome && <RunOutcome run={run} />}
      {run === undefined && message.status === "failed" && <p>{conversation.answerFailed}</p>}
      {run === undefined && message.status === "cancelled" && <p>{conversation.answerStopped}</p>}
      <MessageToolbar message={message} question={question} run={run} />
    </article>
  );
});
