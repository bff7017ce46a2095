/** A chart with its title, and the same figures as a table, for whom a drawing says nothing. */
import { lazy, Suspense } from "react";
import type { Chart } from "../../protocol/report.ts";
import { useFormats } from "../run/formats.ts";
import { useWords } from "../words/words.ts";
import { boundsOf, haveBounds, rowsOf } from "./chart-rows.ts";
import { Table } from "./report-tables.tsx";

const ChartDrawing = lazy(() => import("./chart-drawing.tsx"));

export function ChartFigure({ chart }: { readonly chart: Chart }) {
  const { report: words } = useWords();
  return (
    <figure className="chart card" data-kind={chart.kind}>
      <figcaption>{chart.title}</figcaption>
      <div className="chart-drawing" role="img" aria-label={chart.title}>
        <Suspense fallback={null}>
          <ChartDrawing chart={chart} />
        </Suspense>
      </div>
      <details className="chart-table">
        <summary>{words.chartTable}</summary>
        <ChartTable chart={chart} />
      </details>
    </figure>
  );
}

function ChartTable({ chart }: { readonly chart: Chart }) {
  const { report: words } = useWords();
  const { measure, day } = useFormats();
  const bounded = haveBounds(chart);
  const head = chart.series.flatMap(({ name }, index) =>
    bounded[index] ? [name, words.seriesLow(name), words.seriesHigh(name)] : [name],
  );
  const cell = (value: number | null | undefined) =>
    value === null || value === undefined ? words.none : measure(value, chart.unit);
  return (
    <Table name={chart.title} head={[words.category, ...head.map((number) => ({ number }))]}>
      {rowsOf(chart).map(({ x, points }) => (
        <tr key={x}>
          <th scope="row">{chart.kind === "bar" ? x : day(x)}</th>
          {points.flatMap((point, index) => {
            const [low, high] = boundsOf(point) ?? [point?.y, point?.y];
            const values = bounded[index] ? [point?.y, low, high] : [point?.y];
            return values.map((value, column) => (
              <td key={`${head[index]} ${String(column)}`} className="number">
                {cell(value)}
              </td>
            ));
          })}
        </tr>
      ))}
    </Table>
  );
}
