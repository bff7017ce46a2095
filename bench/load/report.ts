/** What a run of load is told as: a table for the terminal, and a page with plots. */
import { failureOf } from "../crowd/turn.ts";
import { distribution, type PlotOf, type Point, plotSvg } from "../plots.ts";
import { alignColumns, markdownTable } from "../report.ts";
import { type Cell, circumstances, reportPage, type Section } from "../report-page.ts";
import { type Row, rowsOf, type Value } from "./figures.ts";
import type { Outcome } from "./outcome.ts";

const SECOND_MS = 1_000;
const MEBIBYTE = 2 ** 20;
/** Failures, and violations, that are told in words; the rest are counted. */
const SHOWN = 10;

/** @returns the table in columns of even width; a figure that misses its target is marked. */
export function asText(outcomes: readonly Outcome[]): string {
  return alignColumns(tableOf(outcomes));
}

/** @returns the same for a document. */
export function asMarkdown(outcomes: readonly Outcome[]): string {
  return markdownTable(tableOf(outcomes));
}

function tableOf(outcomes: readonly Outcome[]): string[][] {
  const rows = rowsOf(outcomes).map(({ label, unit, target, values }) => [
    label,
    target,
    ...values.map((value) => `${textOf(value, unit)}${value.met === false ? " ✗" : ""}`),
  ]);
  return [["figure", "target", ...outcomes.map(({ name }) => name)], ...rows];
}

/** @returns what was wrong in words, as far as it is told. */
export function complaints({ name, violations, turns, connects, requests }: Outcome): string[] {
  const attempts = [...connects, ...requests].map(({ failure }) => failure);
  const became = [...turns.map(failureOf), ...attempts];
  const failures = became.filter((failure) => failure !== null);
  if (became.length === 0) failures.push("nothing was asked");
  const wrong = Object.entries(violations).flatMap(([kind, all]: [string, readonly string[]]) =>
    all.map((each) => `${kind}: ${each}`),
  );
  const told = [...[...new Set(failures)].slice(0, SHOWN), ...wrong.slice(0, SHOWN)];
  return told.map((each) => `${name}: ${each}`);
}

/** @returns the page. */
export function asPage(outcomes: readonly Outcome[], { quick = false } = {}): Promise<string> {
  const rows = rowsOf(outcomes);
  const head = ["figure", "target", ...outcomes.map(({ name }) => name)].map((text) => ({ text }));
  const summary: Section = {
    title: "Figures",
    table: [head, ...rows.map(cellsOf)],
    ...(quick && { text: "A quick look: it shows that all of it runs, and is no measurement." }),
  };
  const sections = outcomes.map(
    (outcome): Section => ({
      title: `${outcome.name}: ${outcome.described}`,
      text: complaints(outcome).join(" · ") || "Nothing failed.",
      plots: plotsOf(outcome)
        .filter(({ series }) => series.some(({ points }) => points.length > 0))
        .map(plotSvg),
    }),
  );
  return reportPage("Apex Edge under load", circumstances(), [summary, ...sections]);
}

function cellsOf({ label, unit, target, values }: Row): Cell[] {
  const cells = values.map((value) => ({ text: textOf(value, unit), met: value.met }));
  return [{ text: label }, { text: target }, ...cells];
}

function textOf({ value }: Value, unit: string): string {
  if (value === null) return "–";
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
  return `${value.toFixed(digits)} ${unit}`.trim();
}

function plotsOf({ turns, connects, requests, uses, begunAt }: Outcome): PlotOf[] {
  const seconds = (at: number) => (at - begunAt) / SECOND_MS;
  const taken = [
    ...[
      {
        name: "accepted",
        of: turns.map(({ sentAt, acceptedMs }) => [sentAt, acceptedMs] as const),
      },
      {
        name: "completed",
        of: turns.map(({ sentAt, completedMs }) => [sentAt, completedMs] as const),
      },
    ],
    { name: "connect", of: connects.map(({ at, tookMs }) => [at, tookMs] as const) },
    { name: "request", of: requests.map(({ at, tookMs }) => [at, tookMs] as const) },
  ]
    .map(({ name, of }) => ({
      name,
      points: of.flatMap(([at, ms]): Point[] => (ms === null ? [] : [[seconds(at), ms]])),
    }))
    .filter(({ points }) => points.length > 0);
  const used = (of: (use: Outcome["uses"][number]) => number): Point[] =>
    uses.map((use) => [seconds(use.at), of(use)]);
  return [
    {
      title: "Time each took",
      x: "seconds since the begin",
      y: "ms",
      drawn: "dots",
      logarithmic: "y",
      series: taken,
    },
    {
      title: "Share that took no longer",
      x: "ms",
      y: "share",
      drawn: "line",
      logarithmic: "x",
      series: taken.map(({ name, points }) => ({
        name,
        points: distribution(points.map(([, ms]) => ms)),
      })),
    },
    {
      title: "Resident memory",
      x: "seconds since the begin",
      y: "MiB",
      drawn: "line",
      series: [{ name: "workerd", points: used(({ residentBytes }) => residentBytes / MEBIBYTE) }],
    },
    {
      title: "Processors busy with it",
      x: "seconds since the begin",
      y: "% of the machine",
      drawn: "line",
      limit: { axis: "y", at: 70 },
      series: [{ name: "workerd", points: used(({ busyShare }) => busyShare * 100) }],
    },
  ];
}
