/** One agent of the team: how it stands, and, unfolded, what it thought and did. */
import type { RunId } from "../../protocol/ids.ts";
import { ChevronDownIcon } from "../design/icons.tsx";
import { useWords } from "../words/words.ts";
import { agentName, agentWork } from "./agent-name.ts";
import { Elapsed } from "./elapsed.tsx";
import { useFormats } from "./formats.ts";
import { StateMark } from "./state-mark.tsx";
import { callsIn, type TeamPart } from "./team-parts.ts";
import { TimelineItem } from "./timeline-item.tsx";

interface Props {
  readonly runId: RunId;
  readonly part: TeamPart;
}

export function AgentGroup({ runId, part }: Props) {
  const words = useWords();
  const { duration } = useFormats();
  const { agent, state, entries, since, durationMs } = part;
  const calls = callsIn(entries);
  const underWay = calls.findLast(({ status }) => status === "executing");
  const what =
    state === "working"
      ? (underWay?.operation ?? agentWork(words, agent))
      : [words.run.part[state], ...(calls.length > 0 ? [words.run.calls(calls.length)] : [])].join(
          " · ",
        );
  return (
    <details>
      <summary>
        <span className="run-badge">
          <StateMark state={state} />
          <b>{agentName(words, agent)}</b>
          <span className="run-what" data-state={state}>
            {what}
          </span>
          {state === "working" && <Elapsed since={since} />}
          {durationMs !== null && <span className="run-time">{duration(durationMs)}</span>}
          <ChevronDownIcon />
        </span>
      </summary>
      <ol className="entries">
        {entries.map((entry) => (
          <TimelineItem key={entry.seq} runId={runId} entry={entry} />
        ))}
      </ol>
    </details>
  );
}
