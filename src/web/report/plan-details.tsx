/** A step of the plan in full: how it is done, what shows that it worked, and how it is undone. */
import type { RunView } from "../../protocol/thread-view.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { FigureValue } from "./figure-value.tsx";
import type { PlanItem } from "./plan-items.ts";

interface Props {
  readonly run: RunView | undefined;
  readonly item: PlanItem;
}

export function PlanDetails({ run, item: { step, recommendation, facts } }: Props) {
  const { report: words } = useWords();
  const { exactly } = useFormats();
  const lines: readonly (readonly [string, string])[] = [
    ...(step
      ? ([
          [words.step.owner, step.owner],
          [words.step.change, step.change],
          [words.step.check, step.check],
          [
            words.step.guard,
            words.step.guardValue(
              step.guard.metric,
              exactly(step.guard.margin),
              step.guard.n_per_arm,
            ),
          ],
          [words.step.stop, step.stop_rule],
          [words.step.rollback, step.rollback],
          [words.step.approval, step.approval],
        ] as const)
      : []),
    ...(recommendation ? ([[words.step.why, reasonOf(recommendation.why, step)]] as const) : []),
  ];
  return (
    <details className="plan-details">
      <summary>{words.stepDetails}</summary>
      <dl>
        {lines
          .filter(([, text]) => text !== "")
          .map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        {run !== undefined && facts.length > 0 && (
          <div>
            <dt>{words.step.evidence}</dt>
            <dd>
              <Evidence run={run} facts={facts} />
            </dd>
          </div>
        )}
      </dl>
    </details>
  );
}

/** A recommendation's reason begins with what its step changes, which stands above it. */
function reasonOf(why: string, step: PlanItem["step"]): string {
  return step !== null && why.startsWith(step.change) ? why.slice(step.change.length).trim() : why;
}

/** Two tools may have computed the same figure: it is told once. */
function Evidence({ run, facts }: { readonly run: RunView; readonly facts: readonly string[] }) {
  const { measure } = useFormats();
  const found = new Map(
    run.findings
      .filter(({ fact_id }) => facts.includes(fact_id))
      .map((finding) => [`${finding.name} ${finding.value}`, finding]),
  );
  return (
    <ul className="plan-evidence">
      {[...found.values()].map(({ fact_id, name, value, unit }) => (
        <li key={fact_id}>
          {name}:{" "}
          <FigureValue run={run} factId={fact_id}>
            {measure(value, unit)}
          </FigureValue>
        </li>
      ))}
    </ul>
  );
}
