/** A report's sections, in the order one reads them: what it comes to, why, and what to do. */
import type { ReactNode } from "react";
import type { RunId } from "../../protocol/ids.ts";
import type { Report } from "../../protocol/report.ts";
import type { RunView } from "../../protocol/thread-view.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { ActionPlan } from "./action-plan.tsx";
import { ChartFigure } from "./chart-figure.tsx";
import { FiguresTable } from "./figures-table.tsx";
import { Headline } from "./headline.tsx";
import { Prose } from "./prose.tsx";
import { Agents, Kpis, Risks } from "./report-tables.tsx";

interface Props {
  readonly runId: RunId;
  readonly run: RunView | undefined;
  readonly report: Report;
}

export function ReportContent({ runId, run, report }: Props) {
  const { report: words } = useWords();
  const { sections } = words;
  const formats = useFormats();
  return (
    <article className="report">
      <p className="report-made">
        {[
          words.made(formats.moment(report.created_at)),
          ...(report.window
            ? [words.window(formats.days(report.window.from, report.window.to))]
            : []),
        ].join(" · ")}
      </p>
      <Headline run={run} report={report} />
      {report.summary !== "" && (
        <Section title={sections.summary}>
          <Prose text={report.summary} />
        </Section>
      )}
      {report.charts.length > 0 && (
        <Section title={sections.charts}>
          <div className="charts">
            {report.charts.map((chart) => (
              <ChartFigure key={chart.id} chart={chart} />
            ))}
          </div>
        </Section>
      )}
      <Section title={sections.plan}>
        <ActionPlan runId={runId} run={run} report={report} />
      </Section>
      {(["current", "projected", "performance"] as const).map(
        (part) =>
          report[part].length > 0 && (
            <Section key={part} title={sections[part]}>
              <FiguresTable run={run} figures={report[part]} name={sections[part]} />
            </Section>
          ),
      )}
      {report.risks.length > 0 && (
        <Section title={sections.risks}>
          <Risks risks={report.risks} />
        </Section>
      )}
      {report.kpis.length > 0 && (
        <Section title={sections.kpis}>
          <Kpis kpis={report.kpis} />
        </Section>
      )}
      {report.agents.length > 0 && (
        <Section title={sections.agents}>
          <Agents agents={report.agents} />
        </Section>
      )}
      {report.assumptions.length > 0 && (
        <Section title={sections.assumptions}>
          <ul className="report-lines">
            {report.assumptions.map((line) => (
              <li key={line}>{formats.sentence(line)}</li>
            ))}
          </ul>
        </Section>
      )}
      {report.price_versions.length > 0 && (
        <Section title={sections.technical}>
          <p>
            {words.prices}: {formats.list(report.price_versions)}
          </p>
        </Section>
      )}
    </article>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
