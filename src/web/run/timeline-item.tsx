/** One line of a run's timeline: a thought, a tool call, a handoff or a fallback. */
import type { Json } from "../../protocol/json.ts";
import type { TimelineEntry } from "../../protocol/thread-view.ts";
import { ProblemNote } from "../problem-note.tsx";
import { ApprovalRequest } from "./approval-request.tsx";
import { formatDuration } from "./format.ts";

type ToolEntry = Extract<TimelineEntry, { kind: "tool" }>;

const TOOL_STATUS = {
  waiting: "waits for you",
  executing: "running…",
  succeeded: "done",
  failed: "failed",
  timed_out: "timed out",
  cancelled: "cancelled",
  unknown: "outcome unknown",
} as const satisfies Record<ToolEntry["status"], string>;

/** A timeline entry as an item of the timeline's list. */
export function TimelineItem({ entry }: { readonly entry: TimelineEntry }) {
  return (
    <li className={`entry ${entry.kind}`}>
      <Entry entry={entry} />
    </li>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntry }) {
  switch (entry.kind) {
    case "thinking":
      return (
        <p>
          <b>{entry.agent}</b> {entry.text}
        </p>
      );
    case "handoff":
      return (
        <p>
          <b>
            {entry.agent} → {entry.to}
          </b>{" "}
          {entry.reason}
        </p>
      );
    case "fallback":
      return (
        <p>
          <b>Degraded</b> {entry.reason} {entry.action}
        </p>
      );
    case "tool":
      return <ToolCall entry={entry} />;
  }
}

function ToolCall({ entry }: { readonly entry: ToolEntry }) {
  const duration = entry.durationMs === null ? "" : ` in ${formatDuration(entry.durationMs)}`;
  return (
    <>
      <ApprovalRequest call={entry} />
      <details>
        <summary>
          <code>{entry.name}</code> {entry.operation}{" "}
          <span className="outcome" data-status={entry.status}>
            {TOOL_STATUS[entry.status]}
            {duration}
          </span>
        </summary>
        <JsonBlock name="Arguments" value={entry.arguments} />
        {entry.results !== null && <JsonBlock name="Results" value={entry.results} />}
        <ProblemNote problem={entry.problem} />
      </details>
    </>
  );
}

function JsonBlock({ name, value }: { readonly name: string; readonly value: Json }) {
  return (
    <figure>
      <figcaption>{name}</figcaption>
      {/* A wide result scrolls sideways, so the keyboard must be able to reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus (WCAG 2.1.1) */}
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </figure>
  );
}
