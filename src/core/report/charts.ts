/** The data of a report's charts: spend and what it is forecast to be, its parts, and what is saved. */
import { titleWithSubject } from "../../protocol/optimization.ts";
import type { Chart } from "../../protocol/report.ts";
import type { ToolResults } from "./tool-results.ts";

/** Points of one series. */
const MAX_POINTS = 120;
/** Bars of one chart. */
const MAX_BARS = 12;

type Point = Chart["series"][number]["points"][number];

/** @returns the charts that the results hold data for. */
export function chartsOf(results: ToolResults): Chart[] {
  return [spend(results), breakdown(results), beforeAndAfter(results), savings(results)].flat();
}

function spend(results: ToolResults): Chart[] {
  const { forecast } = results;
  if (forecast === null || forecast.past.length === 0) return [];
  const past = forecast.past.map(({ day, usd }) => point(day, usd));
  const ahead = forecast.days.map(({ day, p10, p50, p90 }) => point(day, p50, p10, p90));
  return [
    {
      id: "spend",
      kind: "band",
      title: "Spend a day, and its forecast (P10 to P90)",
      unit: "USD",
      series: [
        { name: "Spend", points: past.slice(-MAX_POINTS) },
        ...(ahead.length > 0 ? [{ name: "Forecast", points: ahead.slice(0, MAX_POINTS) }] : []),
      ],
      facts: results.findings("spend_forecast").map(({ fact_id }) => fact_id),
    },
  ];
}

function breakdown(results: ToolResults): Chart[] {
  const { breakdown: found } = results;
  if (found === null || found.rows.length === 0) return [];
  const points = found.rows.slice(0, MAX_BARS).map(({ key, cost_usd }) => {
    const name = found.dimensions.map((dimension) => key[dimension] ?? "(not set)").join(" · ");
    return point(name, cost_usd);
  });
  const title = `Cost by ${found.dimensions.join(" and ")}`;
  const facts = results.findings("cost_breakdown").map(({ fact_id }) => fact_id);
  const series = [{ name: "Cost", points }];
  return [{ id: "breakdown", kind: "bar", title, unit: "USD", series, facts }];
}

function beforeAndAfter(results: ToolResults): Chart[] {
  const { portfolio } = results;
  if (portfolio === null) return [];
  const { current_monthly_usd: now, monthly_usd: saved } = portfolio;
  return [
    {
      id: "before_after",
      kind: "bar",
      title: "Cost a month, before and after",
      unit: "USD",
      series: [
        {
          name: "Cost a month",
          points: [
            point("Now", now),
            point("After", now - saved.value, now - saved.high, now - saved.low),
          ],
        },
      ],
      facts: results.findings("portfolio_roi").map(({ fact_id }) => fact_id),
    },
  ];
}

function savings(results: ToolResults): Chart[] {
  const counted = results.portfolio?.levers.filter(({ left_out }) => left_out === null) ?? [];
  if (counted.length === 0) return [];
  const shown = counted.slice(0, MAX_BARS);
  const points = shown.map((saving) => {
    const { value, low, high } = saving.monthly_usd;
    return point(titleWithSubject(saving), value, low, high);
  });
  const names = shown.map(({ fact }) => fact);
  return [
    {
      id: "savings",
      kind: "bar",
      title: "Savings a month by lever, their overlap taken out",
      unit: "USD",
      series: [{ name: "Savings a month", points }],
      facts: results.factIds("portfolio_roi", names),
    },
  ];
}

function point(x: string, y: number | null, low = y, high = y): Point {
  return { x: x.slice(0, 120), y, low, high };
}
