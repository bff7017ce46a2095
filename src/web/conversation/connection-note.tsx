/** Says how the connection is doing; silent while all is well. */
import type { ApexError } from "../../protocol/errors.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import type { Conversation } from "./use-conversation.ts";

interface Props extends Pick<Conversation, "status" | "isOnline"> {
  readonly problem: ApexError | null;
  readonly onReconnect: () => void;
}

/** The status in words, what is wrong, and the way back where only a person can decide. */
export function ConnectionNote({ status, isOnline, problem, onReconnect }: Props) {
  const { conversation } = useWords();
  const words = {
    connecting: conversation.connecting,
    open: "",
    reconnecting: conversation.reconnecting,
    closed: conversation.closed,
  } as const satisfies Record<Conversation["status"], string>;
  return (
    <div className="connection">
      <span role="status">{isOnline ? words[status] : conversation.offline}</span>
      <ProblemNote problem={problem} />
      {status === "closed" && (
        <button type="button" onClick={onReconnect}>
          {conversation.connectAgain}
        </button>
      )}
    </div>
  );
}
