/** How an answer came about: the plan, every step, and the figures it rests on. */
import "./run.css";
import type { Finding } from "../../protocol/entities.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { formatFigure } from "./format.ts";
import { TimelineItem } from "./timeline-item.tsx";

/** A run's plan, timeline and findings: open while it works, folded once the answer stands. */
export function RunDetails({ run }: { readonly run: RunView }) {
  return (
    <details className="run" open={run.status === "running"}>
      <summary>How this answer is made</summary>
      {run.plan.length > 0 && (
        <ol className="plan" aria-label="Plan">
          {run.plan.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <ol className="timeline" aria-label="Timeline">
        {run.timeline.map((entry) => (
          <TimelineItem key={entry.seq} entry={entry} />
        ))}
      </ol>
      {run.findings.length > 0 && <Findings findings={run.findings} />}
    </details>
  );
}

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <div className="wide">
      <table>
        <caption>Figures</caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col">Value</th>
            <th scope="col">Unit</th>
            <th scope="col">Records</th>
            <th scope="col">Basis</th>
            <th scope="col">Tool</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((finding) => (
            <tr key={`${finding.call_id} ${finding.name}`}>
              <th scope="row">{finding.name}</th>
              <td className="number">{formatFigure(finding.value)}</td>
              <td>{finding.unit}</td>
              <td className="number">{formatFigure(finding.n_records)}</td>
              <td>{finding.basis}</td>
              <td>{finding.tool_name}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
