/** A tool call of the timeline: what it is for, how it went, and, unfolded, what went in and out. */
import { useState } from "react";
import type { RunId } from "../../protocol/ids.ts";
import { useWords } from "../words/words.ts";
import { DecidedApproval } from "./approval-request.tsx";
import { useFormats } from "./formats.ts";
import { JsonBlock } from "./json-block.tsx";
import { callElementId } from "./show-call.ts";
import { StateMark } from "./state-mark.tsx";
import type { ToolEntry } from "./team-parts.ts";
import { Trouble } from "./trouble.tsx";

interface Props {
  readonly runId: RunId;
  readonly call: ToolEntry;
}

export function ToolCall({ runId, call }: Props) {
  const { run: words } = useWords();
  const { duration } = useFormats();
  const [isOpen, setOpen] = useState(false);
  const { status, durationMs, problem } = call;
  const state = words.call[status];
  return (
    <>
      <details
        id={callElementId(runId, call.callId)}
        className="call"
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>
          <StateMark state={status} />
          <span>
            <code>{call.name}</code> {call.operation}{" "}
            <span className="call-state" data-status={status}>
              {durationMs === null ? state : words.inTime(state, duration(durationMs))}
            </span>
          </span>
        </summary>
        {isOpen && <InAndOut call={call} />}
      </details>
      <DecidedApproval call={call} />
      {problem !== null && (
        <Trouble problem={problem} since={Date.parse(call.at) + (durationMs ?? 0)} />
      )}
    </>
  );
}

/** Written out only where somebody looks: results may be long, and many. */
function InAndOut({ call }: { readonly call: ToolEntry }) {
  const { run: words } = useWords();
  const { problem, arguments: given } = call;
  const isBare = typeof given === "object" && given !== null && Object.keys(given).length === 0;
  return (
    <>
      {isBare ? (
        <p className="hint">{words.noArguments}</p>
      ) : (
        <JsonBlock name={words.arguments} value={given} />
      )}
      {call.results !== null && <JsonBlock name={words.results} value={call.results} />}
      {problem !== null && (
        <JsonBlock name={words.failure} value={{ code: problem.code, detail: problem.detail }} />
      )}
    </>
  );
}
