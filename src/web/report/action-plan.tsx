/** What to do, to tick off: each step with what it saves, whose it is, and what guards it. */
import "./plan.css";
import type { RunId } from "../../protocol/ids.ts";
import type { Report } from "../../protocol/report.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { PlanDetails } from "./plan-details.tsx";
import { type PlanItem, planItems } from "./plan-items.ts";
import { useTicks } from "./use-ticks.ts";

interface Props {
  readonly runId: RunId;
  readonly run: RunView | undefined;
  readonly report: Report;
}

export function ActionPlan({ runId, run, report }: Props) {
  const { report: words } = useWords();
  const { usd } = useFormats();
  const { ticked, toggle } = useTicks(runId);
  const items = planItems(report);
  if (items.length === 0) return <p>{words.nothingToTick}</p>;
  const done = items.filter(({ key }) => ticked.has(key));
  return (
    <div className="plan-list">
      <div className="plan-progress">
        <progress max={items.length} value={done.length} aria-label={words.sections.plan} />
        <p role="status">
          <b>{words.progress(done.length, items.length)}</b>
          <span className="hint">
            {words.progressSavings(usd(surelyOf(done)), usd(surelyOf(items)))}
          </span>
        </p>
      </div>
      <ol>
        {items.map((item) => (
          <li key={item.key} data-done={ticked.has(item.key)}>
            <label className="plan-tick">
              <input
                type="checkbox"
                checked={ticked.has(item.key)}
                onChange={() => toggle(item.key)}
              />
              <span className="plan-title">{item.title}</span>
            </label>
            <p className="plan-facts">
              <Facts item={item} />
            </p>
            <PlanDetails run={run} item={item} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function surelyOf(items: readonly PlanItem[]): number {
  return items.reduce((sum, { surelyUsd }) => sum + surelyUsd, 0);
}

/** The line under a title: what it saves, whose it is and when, as far as it is known. */
function Facts({ item: { step, recommendation } }: { readonly item: PlanItem }) {
  const { report: words } = useWords();
  const { usd } = useFormats();
  const saved = recommendation?.monthly_savings_usd ?? null;
  const effort = step?.effort_hours ?? recommendation?.effort_hours ?? null;
  const facts = [
    step
      ? words.atLeast(usd(step.monthly_low_usd))
      : saved
        ? words.saves(usd(saved.value))
        : words.unpriced,
    ...(step ? [words.when(step.starts_in_days, step.starts_in_days + step.takes_days)] : []),
    ...(effort === null ? [] : [words.effort(effort)]),
    ...(recommendation ? [words.latency[recommendation.latency_effect]] : []),
    ...(step ? [] : [words.unplanned]),
  ];
  return facts.join(" · ");
}
