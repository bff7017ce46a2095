/** How an answer came about, in two depths: who works now, and, unfolded, every step of each. */
import "./run.css";
import "./timeline.css";
import { memo } from "react";
import type { RunView } from "../../protocol/thread-view.ts";
import { useWords } from "../words/words.ts";
import { AgentGroup } from "./agent-group.tsx";
import { ApprovalRequest } from "./approval-request.tsx";
import { Degradations } from "./degradations.tsx";
import { Findings } from "./findings.tsx";
import { RunBadge } from "./run-badge.tsx";
import { partsOf, type TeamPart, waitingCalls } from "./team-parts.ts";
import { TimelineItem } from "./timeline-item.tsx";

/** In parentheses, so that splitting by it keeps each name, at every odd place. */
const TOOL_NAME = /\b([a-z]+(?:_[a-z]+)+)\b/;

/**
 * A run's badge with its plan, timeline and figures: open while it works, folded once the answer
 * stands. What asks for the person, and what is degraded, stands beside it in either case.
 */
export const RunDetails = memo(function RunDetails({ run }: { readonly run: RunView }) {
  const { run: words } = useWords();
  const parts = partsOf(run);
  return (
    // A log of news that are read out one by one would drown the answer.
    <section className="run" aria-label={words.label} aria-live="off">
      <details className="run-fold" open={run.status === "running"}>
        <summary>
          <RunBadge run={run} />
        </summary>
        <div className="run-body">
          {run.plan.length > 0 && <Plan steps={run.plan} isFolded={parts.length > 1} />}
          <Timeline run={run} parts={parts} />
          {run.findings.length > 0 && <Findings run={run} />}
        </div>
      </details>
      <Degradations run={run} />
      {waitingCalls(run).map((call) => (
        <ApprovalRequest key={call.callId} call={call} />
      ))}
    </section>
  );
});

/** Where a team works, its parts are the plan as it came to be: what was set out with is folded. */
function Plan(props: { readonly steps: readonly string[]; readonly isFolded: boolean }) {
  const { run: words } = useWords();
  return (
    <details className="plan" open={!props.isFolded}>
      <summary>{words.plan}</summary>
      <ol aria-label={words.plan}>
        {props.steps.map((step) => (
          <li key={step}>
            <Step text={step} />
          </li>
        ))}
      </ol>
    </details>
  );
}

/** A list of tools is read by their names: they are set apart from the words between them. */
function Step({ text }: { readonly text: string }) {
  return text
    .split(TOOL_NAME)
    .map((part, index) =>
      index % 2 === 1 ? <code key={`${String(index)} ${part}`}>{part}</code> : part,
    );
}

/** Six agents at once would be one long list: each has its own, folded. */
function Timeline(props: { readonly run: RunView; readonly parts: readonly TeamPart[] }) {
  const { run, parts } = props;
  const { run: words } = useWords();
  return (
    <ol className="timeline" aria-label={words.timeline}>
      {parts.length > 1
        ? parts.map((part) => (
            <li key={part.agent} className="agent">
              <AgentGroup runId={run.id} part={part} />
            </li>
          ))
        : run.timeline.map((entry) => (
            <TimelineItem key={entry.seq} runId={run.id} entry={entry} />
          ))}
    </ol>
  );
}
