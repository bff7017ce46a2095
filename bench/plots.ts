/** Plots for the benches' reports: drawn here, so that the page that shows them needs no script. */
import * as Plot from "@observablehq/plot";
import { Window } from "happy-dom";

export type Point = readonly [x: number, y: number];

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface PlotOf {
  readonly title: string;
  /** What the axes tell, with their units. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  readonly drawn: "line" | "dots";
  /** Whether the axis grows by factors. */
  readonly logarithmic?: "x" | "y";
  /** A value that is not to be passed. */
  readonly limit?: { readonly axis: "x" | "y"; readonly at: number };
  /** Where on the x axis something happened that the series go through. */
  readonly moments?: readonly number[];
}

/** Beyond it points lie on each other, and a page grows to megabytes. */
const MOST_POINTS = 2_000;
const SIZE = { width: 560, height: 300, marginLeft: 56 };

/** @returns the text of a figure, drawn as SVG, that holds all it needs. */
export function plotSvg({
  title,
  x,
  y,
  series,
  drawn,
  logarithmic,
  limit,
  moments,
}: PlotOf): string {
  const { document } = new Window();
  const rows = series.flatMap(({ name, points }) =>
    thinned(points).map(([across, up]) => ({ name, across, up })),
  );
  const channels = { x: "across", y: "up", stroke: "name", z: "name" };
  const figure = Plot.plot({
    document,
    ...SIZE,
    title,
    x: { label: x, type: logarithmic === "x" ? "log" : "linear", grid: true },
    y: { label: y, type: logarithmic === "y" ? "log" : "linear", grid: true, nice: true },
    color: { type: "categorical", domain: series.map(({ name }) => name), legend: true },
    marks: [
      Plot.ruleX(moments ?? [], { strokeDasharray: "2,3" }),
      drawn === "line"
        ? Plot.line(rows, { ...channels, strokeWidth: 1.5 })
        : Plot.dot(rows, { ...channels, r: 1.5 }),
      ...(limit === undefined
        ? []
        : [limit.axis === "x" ? Plot.ruleX([limit.at]) : Plot.ruleY([limit.at])]),
    ],
  });
  // The benches are checked without the types of a browser.
  return String(Reflect.get(figure, "outerHTML"));
}

/** @returns the share of all values up to each of them: the higher a line, the quicker. */
export function distribution(values: readonly number[]): Point[] {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.map((value, index) => [value, (index + 1) / sorted.length]);
}

/** @returns every n-th point, the last one among them. */
function thinned(points: readonly Point[]): readonly Point[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => (points.length - 1 - index) % every === 0);
}
