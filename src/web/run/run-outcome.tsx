/** What became of a run, in one line: still waiting, under way, or ended, at which cost. */
import type { RunStatus } from "../../protocol/entities.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { ProblemNote } from "../problem-note.tsx";
import { formatDuration, formatUsage } from "./format.ts";

const STATUS = {
  queued: "Queued: it starts when the run before it ends.",
  running: "Working…",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Stopped",
} as const satisfies Record<RunStatus, string>;

/** The run's status with its agent, model, duration, tokens and cost, as far as they are known. */
export function RunOutcome({ run }: { readonly run: RunView }) {
  const waits = run.timeline.some(
    (entry) => entry.kind === "tool" && entry.status === "waiting" && !entry.approval?.decision,
  );
  const parts = [
    waits && run.status === "running" ? "Waits for your approval" : STATUS[run.status],
    run.agent,
    run.model,
    run.durationMs === null ? null : formatDuration(run.durationMs),
    run.usage === null ? null : formatUsage(run.usage),
  ];
  return (
    <>
      <ProblemNote problem={run.problem} />
      <p className="outcome" data-status={run.status}>
        {parts.filter((part) => part !== null).join(" · ")}
      </p>
    </>
  );
}
