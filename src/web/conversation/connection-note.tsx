/** Says how the connection is doing; silent while all is well. */
import type { ConnectionStatus } from "../../client/index.ts";
import type { ApexError } from "../../protocol/errors.ts";
import { ProblemNote } from "../problem-note.tsx";

const STATUS = {
  connecting: "Connecting…",
  open: "",
  reconnecting: "The connection was lost. Reconnecting…",
  closed: "Not connected.",
} as const satisfies Record<ConnectionStatus, string>;

interface Props {
  readonly status: ConnectionStatus;
  readonly problem: ApexError | null;
  readonly onReconnect: () => void;
}

/** The status in words, what is wrong, and the way back where only a person can decide. */
export function ConnectionNote({ status, problem, onReconnect }: Props) {
  return (
    <div className="connection">
      <span role="status">{STATUS[status]}</span>
      <ProblemNote problem={problem} />
      {status === "closed" && (
        <button type="button" onClick={onReconnect}>
          Connect again
        </button>
      )}
    </div>
  );
}
