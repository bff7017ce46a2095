/** What became of a run: still waiting, under way, or ended, at which cost, and what to do now. */
import type { RunView } from "../../protocol/thread-view.ts";
import { ReportCard } from "../report/report-card.tsx";
import { useWords, type Words } from "../words/words.ts";
import { useFormats } from "./formats.ts";
import { waitingCalls } from "./team-parts.ts";
import { Trouble } from "./trouble.tsx";

/** The report, where there is one; then the status with duration, tokens and cost. */
export function RunOutcome({ run }: { readonly run: RunView }) {
  const words = useWords();
  const formats = useFormats();
  const parts = [
    statusOf(run, words),
    run.agent,
    run.model,
    run.durationMs === null ? null : formats.duration(run.durationMs),
    run.usage === null ? null : formats.usage(run.usage),
  ];
  return (
    <>
      {run.report !== null && (
        <ReportCard runId={run.id} report={run.report} outcome={run.outcome} />
      )}
      {run.problem !== null && (
        <div role="alert">
          <Trouble problem={run.problem} since={endOf(run)} />
        </div>
      )}
      <p className="outcome" data-status={run.status}>
        {parts.filter((part) => part !== null).join(" · ")}
      </p>
      {run.status === "cancelled" && <p className="hint">{words.run.stoppedAdvice}</p>}
    </>
  );
}

const TIMED_OUT: readonly string[] = ["run_timeout", "model_timeout", "tool_timeout"];

function statusOf(run: RunView, { run: words }: Words): string {
  if (waitingCalls(run).length > 0) return words.waitsForApproval;
  if (run.problem !== null && TIMED_OUT.includes(run.problem.code)) return words.timedOut;
  return words.status[run.status];
}

function endOf({ startedAt, durationMs }: RunView): number | null {
  return startedAt === null ? null : Date.parse(startedAt) + (durationMs ?? 0);
}
