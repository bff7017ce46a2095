/** Bars, one under the other, each with its whole name and value above it and its bounds across its end. */
import { Bar, BarChart, ErrorBar, XAxis, YAxis } from "recharts";
import type { Chart } from "../../protocol/report.ts";
import { useFormats } from "../run/formats.ts";
import { boundsOf, type ChartRow, haveBounds, type Point, rowsOf } from "./chart-rows.ts";

/** Of a name with its bars below it, in pixels; `charts.css` has the same for the names. */
const ROW = 48;
const BAR = 12;
const MARGIN = { top: 0, right: 16, bottom: 0, left: 4 };

export function BarDrawing({ chart }: { readonly chart: Chart }) {
  const rows = [...rowsOf(chart)];
  const bounded = haveBounds(chart);
  return (
    <div className="bars">
      <BarChart
        responsive
        accessibilityLayer={false}
        layout="vertical"
        style={{ width: "100%", height: rows.length * ROW }}
        data={rows}
        margin={MARGIN}
        barSize={BAR / chart.series.length}
      >
        <XAxis type="number" hide />
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
            <span className="name">{x}</span>
            <span className="value">
              {points.map((point, index) => (
                <BarValue key={chart.series[index]?.name} point={point} unit={chart.unit} />
              ))}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function BarValue({ point, unit }: { readonly point: Point | null; readonly unit: string }) {
  const { amount } = useFormats();
  if (point === null || point.y === null) return null;
  const bounds = boundsOf(point)?.map((bound) => amount(bound, unit));
  return (
    <>
      <b>{amount(point.y, unit)}</b>
      {bounds && <span className="bounds"> ({bounds.join(" – ")})</span>}{" "}
    </>
  );
}

/** The bounds as the library wants them: how far they lie from the value. */
function reachOf({ points }: ChartRow, index: number): [number, number] | undefined {
  const y = points[index]?.y;
  const bounds = boundsOf(points[index]);
  if (y === null || y === undefined || bounds === null) return undefined;
  return [y - bounds[0], bounds[1] - y];
}
