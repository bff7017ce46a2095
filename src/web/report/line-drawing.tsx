/** Lines over time, each with the band it stays within, where it has one. */
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  Tooltip,
  type TooltipContentProps,
  XAxis,
  YAxis,
} from "recharts";
import type { Chart } from "../../protocol/report.ts";
import { useFormats } from "../run/formats.ts";
import { boundsOf, type ChartRow, haveBounds, rowsOf } from "./chart-rows.ts";

const HEIGHT = 260;
const MARGIN = { top: 12, right: 12, bottom: 0, left: 0 };
/** Between two labels of the time axis, in pixels. */
const TICK_GAP = 48;

export function LineDrawing({ chart }: { readonly chart: Chart }) {
  const { day, tick } = useFormats();
  const rows = joined(rowsOf(chart), chart.series.length);
  const bounded = haveBounds(chart);
  return (
    <>
      <ComposedChart
        responsive
        accessibilityLayer={false}
        style={{ width: "100%", height: HEIGHT }}
        data={rows}
        margin={MARGIN}
      >
        <CartesianGrid vertical={false} />
        <XAxis dataKey="x" tickFormatter={day} minTickGap={TICK_GAP} tickLine={false} />
        <YAxis
          width="auto"
          axisLine={false}
          tickLine={false}
          tickFormatter={(value: number) => tick(value, chart.unit)}
        />
        <Tooltip
          isAnimationActive={false}
          content={(shown) => <Hint shown={shown} chart={chart} />}
        />
        {chart.series.map(({ name }, index) =>
          bounded[index] ? (
            <Area
              key={name}
              className={`band series-${index}`}
              dataKey={(row: ChartRow) => boundsOf(row.points[index])}
              isAnimationActive={false}
              activeDot={false}
              stroke="none"
            />
          ) : null,
        )}
        {chart.series.map(({ name }, index) => (
          <Line
            key={name}
            className={`line series-${index}`}
            dataKey={(row: ChartRow) => row.points[index]?.y ?? null}
            name={name}
            dot={false}
            isAnimationActive={false}
          />
        ))}
      </ComposedChart>
      <ul className="chart-key">
        {chart.series.map(({ name }, index) => (
          <li key={name} className={`series-${index}`}>
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}

/**
 * A series that begins on the day after another ends is joined to it, or a gap would stand between
 * what was and what is forecast.
 */
function joined(rows: readonly ChartRow[], series: number): ChartRow[] {
  return rows.map((row, at) => {
    const points = Array.from({ length: series }, (_, index) => {
      const own = row.points[index] ?? null;
      const begins = own === null && (rows[at + 1]?.points[index] ?? null) !== null;
      const last = row.points.find((point) => point !== null) ?? null;
      return begins && last !== null ? { ...last, low: last.y, high: last.y } : own;
    });
    return { ...row, points };
  });
}

interface HintProps {
  readonly shown: Pick<TooltipContentProps, "active" | "payload">;
  readonly chart: Chart;
}

/** What stands at the place one points at. */
function Hint({ shown, chart }: HintProps) {
  const { day, amount, measure } = useFormats();
  const x: unknown = shown.payload[0]?.payload?.x;
  if (!shown.active || typeof x !== "string") return null;
  return (
    <div className="chart-hint">
      <b>{day(x)}</b>
      {chart.series.map(({ name, points }) => {
        const point = points.find((each) => each.x === x);
        if (!point || point.y === null) return null;
        const bounds = boundsOf(point)?.map((bound) => amount(bound, chart.unit));
        return (
          <span key={name}>
            {name}: {measure(point.y, chart.unit)}
            {bounds && ` (${bounds.join(" – ")})`}
          </span>
        );
      })}
    </div>
  );
}
