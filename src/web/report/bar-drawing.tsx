/** Bars, one under the other, each with its whole name and value above it and its bounds across its end. */
import { Bar, BarChart, ErrorBar, XAxis, YAxis } from "recharts";
import type { Chart } from "../../protocol/report.ts";
import { useFormats } from "../run/formats.ts";
import { boundsOf, type ChartRow, haveBounds, rowsOf } from "./chart-rows.ts";

/** Of a name with its bars below it, in pixels; `charts.css` has the same for the names. */
const ROW = 48;
const BAR = 12;
const AXIS = 30;
const MARGIN = { top: 0, right: 16, bottom: 0, left: 4 };

export function BarDrawing({ chart }: { readonly chart: Chart }) {
  const { tick, measure } = useFormats();
  const rows = [...rowsOf(chart)];
  const bounded = haveBounds(chart);
  return (
    <div className="bars">
      <BarChart
        responsive
        accessibilityLayer={false}
        layout="vertical"
        style={{ width: "100%", height: rows.length * ROW + AXIS }}
        data={rows}
        margin={MARGIN}
        barSize={BAR / chart.series.length}
      >
        <XAxis
          type="number"
          height={AXIS}
          axisLine={false}
          tickLine={false}
          tickCount={4}
          tickFormatter={(value: number) => tick(value, chart.unit)}
        />
        <YAxis type="category" dataKey="x" hide />
        {chart.series.map(({ name }, index) => (
          <Bar
            key={name}
            className={`bar series-${index}`}
            dataKey={(row: ChartRow) => row.points[index]?.y ?? null}
            name={name}
            radius={3}
            isAnimationActive={false}
          >
            {bounded[index] && (
              <ErrorBar
                dataKey={(row: ChartRow) => reachOf(row, index)}
                width={4}
                isAnimationActive={false}
              />
            )}
          </Bar>
        ))}
      </BarChart>
      <ul className="bar-names">
        {rows.map(({ x, points }) => (
          <li key={x}>
            <span title={x}>{x}</span>
            <b>
              {points
                .flatMap((point) => (point?.y == null ? [] : [measure(point.y, chart.unit)]))
                .join(" · ")}
            </b>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The bounds as the library wants them: how far they lie from the value. */
function reachOf({ points }: ChartRow, index: number): [number, number] | undefined {
  const y = points[index]?.y;
  const bounds = boundsOf(points[index]);
  if (y === null || y === undefined || bounds === null) return undefined;
  return [y - bounds[0], bounds[1] - y];
}
