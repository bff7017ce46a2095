/** A message that the server does not have yet: why, and what can be done about it. */
import { ProblemText } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import type { Outgoing } from "./use-outbox.ts";

export interface WaitingProps {
  readonly message: Outgoing;
  /** Whether what is sent now arrives now. */
  readonly isOpen: boolean;
  readonly onTakeBack: (message: Outgoing) => void;
  readonly onSendAgain: (message: Outgoing) => void;
}

/** Once it is handed to the connection nothing can be done but wait: it may be there already. */
export function WaitingItem({ message, isOpen, onTakeBack, onSendAgain }: WaitingProps) {
  const { conversation } = useWords();
  const { content, refusal, isSending } = message;
  return (
    <article className="message user waiting" aria-label={conversation.you}>
      <div className="text">{content}</div>
      <div className="waiting-state">
        {refusal === null ? (
          <p>{stateOf()}</p>
        ) : (
          <div className="problem-note" role="alert">
            <p className="problem">{conversation.refused}</p>
            <ProblemText problem={refusal} since={refusal.at} />
          </div>
        )}
        {!isSending && (refusal !== null || isOpen) && (
          <button type="button" className="small" onClick={() => onSendAgain(message)}>
            {conversation.sendAgain}
          </button>
        )}
        {!isSending && (
          <button type="button" className="small" onClick={() => onTakeBack(message)}>
            {conversation.takeBack}
          </button>
        )}
      </div>
    </article>
  );

  function stateOf(): string {
    if (!isOpen) return conversation.waits;
    return isSending ? conversation.sending : conversation.unsent;
  }
}
