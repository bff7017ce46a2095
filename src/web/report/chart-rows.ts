/** A chart's series side by side: a row for each x, in the order in which they tell of it. */
import type { Chart } from "../../protocol/report.ts";

export type Point = Chart["series"][number]["points"][number];

export interface ChartRow {
  readonly x: string;
  /** One for each series; null where it has none at this x. */
  readonly points: readonly (Point | null)[];
}

export function rowsOf({ series }: Chart): readonly ChartRow[] {
  const xs = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)));
  const byX = series.map(({ points }) => new Map(points.map((point) => [point.x, point])));
  return [...xs].map((x) => ({ x, points: byX.map((points) => points.get(x) ?? null) }));
}

/** @returns the bounds of a point, or null where it has none but itself. */
export function boundsOf(point: Point | null | undefined): readonly [number, number] | null {
  if (!point || point.low === null || point.high === null) return null;
  return point.low === point.high ? null : [point.low, point.high];
}

/** @returns for each series whether any of its points has bounds. */
export function haveBounds({ series }: Chart): readonly boolean[] {
  return series.map(({ points }) => points.some((point) => boundsOf(point) !== null));
}
