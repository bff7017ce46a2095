/** What a report comes to, in a handful of figures; each opens its evidence where it is known. */
import type { ReactNode } from "react";
import type { Finding } from "../../protocol/entities.ts";
import type { Outcome, Report, ReportFigure } from "../../protocol/report.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { FigureValue } from "./figure-value.tsx";

/** Figures at the head of a report that has no savings to tell. */
const MOST = 4;

interface Props {
  readonly run: RunView | undefined;
  readonly report: Report;
}

export function Headline({ run, report }: Props) {
  const { headline: words } = useWords().report;
  const outcome = run?.outcome ?? null;
  return (
    <dl className="headline" aria-label={words.title}>
      {outcome === null ? (
        overviewOf(report).map((figure) => <Plain key={figure.fact_id} run={run} figure={figure} />)
      ) : (
        <OfOutcome run={run} outcome={outcome} />
      )}
    </dl>
  );
}

/** What will be comes first: it is what the report was asked for. */
function overviewOf({ projected, current, performance }: Report): readonly ReportFigure[] {
  const bounded = projected.filter(({ interval }) => interval !== null);
  return [...bounded, ...current, ...performance].slice(0, MOST);
}

function Plain({ run, figure }: { readonly run: Props["run"]; readonly figure: ReportFigure }) {
  const { headline: words } = useWords().report;
  const { measure, amount } = useFormats();
  const { name, value, unit, interval, fact_id } = figure;
  const bounds = interval && words.between(amount(interval.low, unit), amount(interval.high, unit));
  return (
    <Tile name={name} note={bounds}>
      <FigureValue run={run} factId={fact_id}>
        {name === unit ? amount(value, unit) : measure(value, unit)}
      </FigureValue>
    </Tile>
  );
}

function OfOutcome({ run, outcome }: { readonly run: Props["run"]; readonly outcome: Outcome }) {
  const { headline: words } = useWords().report;
  const { usd, percent } = useFormats();
  const { value, low, high } = outcome.estimated_monthly_savings;
  const { roi_percentage: roi, efficiency_improvement: efficiency } = outcome;
  const { time_to_value: time, risk_reduction_score: risk } = outcome;
  return (
    <>
      <Tile name={words.savings} note={words.between(usd(low), usd(high))} isMain>
        <FigureValue run={run} factId={factOf(run, /saving/i, value)}>
          {usd(value)}
        </FigureValue>
      </Tile>
      {roi !== null && (
        <Tile
          name={words.roi}
          note={time?.payback_months ? words.payback(time.payback_months) : null}
        >
          <FigureValue run={run} factId={factOf(run, /\broi\b|return/i, roi)}>
            {percent(roi)}
          </FigureValue>
        </Tile>
      )}
      {efficiency !== null && (
        <Tile name={words.efficiency} note={null}>
          <FigureValue run={run} factId={factOf(run, /efficiency/i, efficiency)}>
            {percent(efficiency)}
          </FigureValue>
        </Tile>
      )}
      {time !== null && (
        <Tile name={words.timeToValue} note={null}>
          {words.days(time.days)}
        </Tile>
      )}
      {risk !== null && (
        <Tile name={words.risk} note={words.riskHint}>
          {percent(risk)}
        </Tile>
      )}
    </>
  );
}

function Tile(props: {
  readonly name: string;
  readonly note: string | null;
  readonly isMain?: boolean;
  readonly children: ReactNode;
}) {
  const { name, note, isMain = false, children } = props;
  return (
    <div className="tile" data-main={isMain}>
      <dt>{name}</dt>
      <dd className="tile-value">{children}</dd>
      {note !== null && <dd className="tile-note">{note}</dd>}
    </div>
  );
}

/** An outcome's figures stand among the findings too, under names of the tools' own. */
function factOf(run: Props["run"], name: RegExp, value: number): string | null {
  const isIt = (finding: Finding) => finding.value === value && name.test(finding.name);
  return run?.findings.findLast(isIt)?.fact_id ?? null;
}
