/** A run's report, as its answer offers it: what it comes to, and the way in. */
import "./report-card.css";
import { Link } from "wouter";
import type { RunId } from "../../protocol/ids.ts";
import type { Outcome, Report } from "../../protocol/report.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { useReportLink } from "./report-address.ts";

interface Props {
  readonly runId: RunId;
  readonly report: Report;
  readonly outcome: Outcome | null;
}

export function ReportCard({ runId, report, outcome }: Props) {
  const { report: words } = useWords();
  const { usd } = useFormats();
  const { href, state } = useReportLink(runId);
  const steps = report.action_plan.length;
  return (
    <aside className="report-card" aria-label={words.label}>
      <p className="report-card-text">
        <b>{report.title}</b>
        <span className="hint">
          {[
            ...(outcome === null ? [] : [savingsOf(outcome)]),
            ...(steps === 0 ? [] : [words.cardSteps(steps)]),
          ].join(" · ")}
        </span>
      </p>
      <Link className="button primary" href={href} state={state}>
        {words.open}
      </Link>
    </aside>
  );

  function savingsOf({ estimated_monthly_savings: { value, low, high } }: Outcome): string {
    return words.cardSavings(usd(value), usd(low), usd(high));
  }
}
