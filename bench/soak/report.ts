/** What a soak is told as: a table for the terminal, and a page with the slopes drawn into the plots. */
import { type Point, plotSvg } from "../plots.ts";
import { alignColumns, markdownTable } from "../report.ts";
import { circumstances, reportPage } from "../report-page.ts";
import { type MemoryPart, TOLERATED_BYTES_A_TURN } from "./memory.ts";
import type { Talk } from "./talk.ts";

export interface Soaked {
  readonly talk: Talk;
  readonly parts: readonly MemoryPart[];
  readonly turnsAnHour: number;
  /** How often a workerd ended by itself: memory began anew. */
  readonly restarts: number;
  readonly failedReadings: number;
}

const MEBIBYTE = 2 ** 20;
const MINUTES = 60;
const HEAD = [
  ...["memory", "slope, MiB/h", "95 % interval", "latter half", "bytes a turn", "readings"],
  "verdict",
];

/**
 * @returns why a soak is failed, each in words: what it found, and what kept it from finding anything. Growth that
 *   is not proven fails nothing; a longer soak must tell.
 */
export function faultsOf({ talk, parts, restarts }: Soaked): string[] {
  const { turns, failedTurns, violations } = talk;
  const broken = Object.entries(violations).filter(([, found]) => found.length > 0);
  const unread = parts.filter(({ readings }) => readings.length === 0);
  const leaking = parts.filter(({ growth }) => growth.verdict === "leak");
  return [
    ...broken.map(([kind, found]) => `${kind}: ${found.length}`),
    ...(turns === 0 ? ["nothing was said"] : []),
    ...(failedTurns > 0 ? [`${failedTurns} turns came to nothing`] : []),
    ...(restarts > 0 ? [`workerd ended ${restarts} times: no slope tells anything`] : []),
    ...unread.map(({ name }) => `${name}: was never read`),
    ...leaking.map(({ name }) => `${name}: leak`),
  ];
}

/** @returns the whole report in words. */
export function asText(soaked: Soaked): string {
  return [...told(soaked), "", alignColumns([HEAD, ...rowsOf(soaked)])].join("\n");
}

/** @returns the same for a document. */
export function asMarkdown(soaked: Soaked): string {
  return [...told(soaked), "", markdownTable([HEAD, ...rowsOf(soaked)])].join("\n");
}

/** @returns the page. */
export function asPage(soaked: Soaked): Promise<string> {
  const cells = rowsOf(soaked).map((row, index) =>
    row.map((text, column) => ({
      text,
      met: column === HEAD.length - 1 ? metBy(soaked.parts[index]) : null,
    })),
  );
  return reportPage("Apex Edge, soaked", circumstances(), [
    { title: "Talk", text: told(soaked).join(" ") },
    {
      title: "Memory",
      text: `Tolerated: ${TOLERATED_BYTES_A_TURN} bytes a turn. The line is what was fitted, without the warm-up.`,
      table: [HEAD.map((text) => ({ text })), ...cells],
      plots: soaked.parts.filter(({ readings }) => readings.length > 0).map(plotOf),
    },
  ]);
}

function told({ talk, turnsAnHour, restarts, failedReadings }: Soaked): string[] {
  const { turns, failedTurns, failures, cuts, verified, violations } = talk;
  const counts = Object.entries(violations).map(([kind, all]) => `${kind} ${all.length}`);
  const wrong = Object.values(violations).flat().slice(0, 10);
  return [
    `${turns} turns (${turnsAnHour.toFixed(0)} an hour), ${failedTurns} came to nothing; ${cuts} cuts.`,
    `${verified} transcripts verified: ${counts.join(", ")}.`,
    ...(restarts > 0 ? [`workerd ended ${restarts} times: no slope tells anything.`] : []),
    ...(failedReadings > 0 ? [`Memory could not be read ${failedReadings} times.`] : []),
    ...failures,
    ...wrong,
  ];
}

function rowsOf({ parts, turnsAnHour }: Soaked): string[][] {
  return parts.map(({ name, growth: { all, latter, verdict } }) => {
    const { slope, low, high, readings, effective } = all;
    const told = (value: number, digits: number) =>
      Number.isFinite(value) ? value.toFixed(digits) : "–";
    const mebibytes = (bytes: number) => told(bytes / MEBIBYTE, 2);
    const interval = `${mebibytes(low)} … ${mebibytes(high)}`;
    const aTurn = told(slope / turnsAnHour, 0);
    const read = `${readings} (as ${effective.toFixed(0)})`;
    return [name, mebibytes(slope), interval, mebibytes(latter.slope), aTurn, read, verdict];
  });
}

function metBy(part: MemoryPart | undefined): boolean | null {
  const verdict = part?.growth.verdict;
  return verdict === undefined || verdict === "not proven" ? null : verdict === "no leak";
}

function plotOf({ name, readings, growth: { all: fitted } }: MemoryPart): string {
  const [first, last] = [readings[0]?.hours ?? 0, readings.at(-1)?.hours ?? 0];
  const minutes = (hours: number) => (hours - first) * MINUTES;
  const points = readings.map(({ hours, bytes }): Point => [minutes(hours), bytes / MEBIBYTE]);
  const fittedReadings = readings.slice(readings.length - fitted.readings);
  const mean = (of: (reading: (typeof readings)[number]) => number) =>
    fittedReadings.reduce((sum, reading) => sum + of(reading), 0) / fittedReadings.length;
  const [centre, level] = [mean(({ hours }) => hours), mean(({ bytes }) => bytes)];
  const lineAt = (hours: number): Point => [
    minutes(hours),
    (level + fitted.slope * (hours - centre)) / MEBIBYTE,
  ];
  return plotSvg({
    title: name,
    x: "minutes",
    y: "MiB",
    drawn: "line",
    series: [
      { name: "read", points },
      {
        name: "fitted",
        points: Number.isFinite(fitted.slope)
          ? [lineAt(fittedReadings[0]?.hours ?? first), lineAt(last)]
          : [],
      },
    ],
  });
}
