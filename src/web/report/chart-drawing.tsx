/** A chart, drawn: the only part of the page that needs the chart library, so it is loaded last. */
import "./charts.css";
import type { Chart } from "../../protocol/report.ts";
import { BarDrawing } from "./bar-drawing.tsx";
import { LineDrawing } from "./line-drawing.tsx";

export default function ChartDrawing({ chart }: { readonly chart: Chart }) {
  return chart.kind === "bar" ? <BarDrawing chart={chart} /> : <LineDrawing chart={chart} />;
}
