/** One line of a run's timeline: a thought, a tool call, a handoff or a fallback. */
import type { RunId } from "../../protocol/ids.ts";
import type { TimelineEntry } from "../../protocol/thread-view.ts";
import { useWords } from "../words/words.ts";
import { agentName } from "./agent-name.ts";
import { FallbackNote } from "./degradations.tsx";
import { ToolCall } from "./tool-call.tsx";

interface Props {
  readonly runId: RunId;
  readonly entry: TimelineEntry;
}

/** Characters of a thought that are shown at once. */
const SHORT = 220;

/** A timeline entry as an item of the timeline's list. */
export function TimelineItem({ runId, entry }: Props) {
  return (
    <li className={`entry ${entry.kind}`}>
      <Entry runId={runId} entry={entry} />
    </li>
  );
}

function Entry({ runId, entry }: Props) {
  const words = useWords();
  switch (entry.kind) {
    case "thinking":
      return <Thought text={entry.text} />;
    case "handoff":
      return (
        <p>
          <b>{words.run.handsTo(agentName(words, entry.to))}</b> {entry.reason}
        </p>
      );
    case "fallback":
      return <FallbackNote entry={entry} />;
    case "tool":
      return <ToolCall runId={runId} call={entry} />;
  }
}

/** A long thought begins with its first words, and unfolds. */
function Thought({ text }: { readonly text: string }) {
  if (text.length <= SHORT) return <p>{text}</p>;
  return (
    <details className="thought">
      <summary>
        <span className="beginning">{text.slice(0, SHORT)}…</span>
      </summary>
      <p>{text}</p>
    </details>
  );
}
