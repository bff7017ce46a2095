/** What can be done to a message, as buttons under it. */
import { createContext, use } from "react";
import type { MessageView, RunView } from "../../protocol/thread-view.ts";
import { EditIcon, ForkIcon, RefreshIcon, UndoIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";
import { CopyButton } from "./copy-button.tsx";

/** What the conversation does to a message; the same object for as long as the thread is open. */
export interface MessageActions {
  edit(question: MessageView): void;
  /** Asks the same again, in its own place. */
  askAgain(question: MessageView): void;
  /** Begins another thread with everything up to an answer. */
  fork(answer: MessageView): void;
  /** Takes a question that waits for its turn out of the queue, and its words back to the box. */
  takeBack(question: MessageView): void;
}

/** null where a conversation can only be read. */
export const MessageActionsContext = createContext<MessageActions | null>(null);

interface Props {
  readonly message: MessageView;
  /** What the person asked, of which the message is one half; undefined where it is not loaded. */
  readonly question: MessageView | undefined;
  readonly run: RunView | undefined;
}

/** The buttons; while an answer is being written there is nothing to be done to it. */
export function MessageToolbar({ message, question, run }: Props) {
  const { conversation } = useWords();
  const actions = use(MessageActionsContext);
  if (message.status === "streaming") return null;
  const isQuestion = message.role === "user";
  return (
    <div className="message-actions">
      {message.text !== "" && <CopyButton name={conversation.copy} textOf={() => message.text} />}
      {actions && isQuestion && run?.status === "queued" && (
        <ActionButton name={conversation.takeBack} onClick={() => actions.takeBack(message)}>
          <UndoIcon />
        </ActionButton>
      )}
      {actions && isQuestion && run?.status !== "queued" && (
        <ActionButton name={conversation.edit} onClick={() => actions.edit(message)}>
          <EditIcon />
        </ActionButton>
      )}
      {actions && !isQuestion && question && (
        <ActionButton name={conversation.regenerate} onClick={() => actions.askAgain(question)}>
          <RefreshIcon />
        </ActionButton>
      )}
      {actions && !isQuestion && (
        <ActionButton name={conversation.fork} onClick={() => actions.fork(message)}>
          <ForkIcon />
        </ActionButton>
      )}
    </div>
  );
}

interface ActionProps {
  readonly name: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

function ActionButton({ name, onClick, children }: ActionProps) {
  return (
    <button type="button" className="icon small" aria-label={name} title={name} onClick={onClick}>
      {children}
    </button>
  );
}
