/** The figures of load, and what the product is held to. */
import { failureOf } from "../crowd/turn.ts";
import { percentile } from "../report.ts";
import type { Attempted, Outcome } from "./outcome.ts";

export interface Figure {
  readonly label: string;
  readonly unit: string;
  /** @returns null where the profile has none. */
  readonly of: (outcome: Outcome) => number | null;
  readonly target?: { readonly text: string; readonly met: (value: number) => boolean };
}

/** A figure of one profile. */
export interface Value {
  readonly value: number | null;
  /** Null where there is nothing to be held to. */
  readonly met: boolean | null;
}

export interface Row {
  readonly label: string;
  readonly unit: string;
  readonly target: string;
  /** In the order of the outcomes. */
  readonly values: readonly Value[];
}

const MEBIBYTE = 2 ** 20;
const SECOND_MS = 1_000;

const below = (bound: number, unit: string) => ({
  text: `< ${bound} ${unit}`.trim(),
  met: (value: number) => value < bound,
});
const none = { text: "0", met: (value: number) => value === 0 };

/** Every figure, in the order of the table. */
export const FIGURES: readonly Figure[] = [
  { label: "sockets dialled", unit: "", of: ({ connects }) => orNull(connects.length) },
  {
    label: "… that failed",
    unit: "",
    of: ({ connects }) => (connects.length === 0 ? null : failed(connects).length),
    target: none,
  },
  ...spread("connect", ({ connects }) => times(connects)),
  { label: "messages sent", unit: "", of: ({ turns }) => orNull(turns.length) },
  {
    label: "… a second",
    unit: "/s",
    of: ({ turns, begunAt, endedAt }) =>
      turns.length === 0 ? null : turns.length / ((endedAt - begunAt) / SECOND_MS),
  },
  {
    label: "… that came to nothing",
    unit: "%",
    of: ({ turns }) => share(turns, (turn) => failureOf(turn) !== null),
    target: below(0.1, "%"),
  },
  ...spread("message → accepted", ({ turns }) => turns.map(({ acceptedMs }) => acceptedMs), 100),
  ...spread("message → first event", ({ turns }) => turns.map(({ firstEventMs }) => firstEventMs)),
  ...spread("message → first text", ({ turns }) => turns.map(({ firstTextMs }) => firstTextMs)),
  ...spread("message → turn completed", ({ turns }) => turns.map(({ completedMs }) => completedMs)),
  ...spread("analytics tool", ({ turns }) => turns.flatMap(({ toolMs }) => toolMs), 500),
  { label: "requests made", unit: "", of: ({ requests }) => orNull(requests.length) },
  {
    label: "… that failed",
    unit: "%",
    of: ({ requests }) => share(requests, ({ failure }) => failure !== null),
    target: below(0.1, "%"),
  },
  {
    label: "request, mean",
    unit: "ms",
    of: ({ requests }) => mean(times(requests)),
    target: below(83, "ms"),
  },
  ...spread("request", ({ requests }) => times(requests)),
  {
    label: "memory, at most",
    unit: "MiB",
    of: ({ uses }) => most(uses.map(({ residentBytes }) => residentBytes / MEBIBYTE)),
    target: below(2_048, "MiB"),
  },
  {
    label: "memory a connection",
    unit: "KiB",
    of: ({ bytesAConnection }) => bytesAConnection && bytesAConnection / 1_024,
    target: below(1_024, "KiB"),
  },
  {
    label: "processors, mean",
    unit: "%",
    of: busyPercent,
    target: below(70, "%"),
  },
  { label: "transcripts verified", unit: "", of: ({ verified }) => orNull(verified) },
  ...(["lost", "duplicated", "reordered", "leaked"] as const).map(
    (kind): Figure => ({
      label: `… ${kind}`,
      unit: "",
      of: ({ verified, violations }) => (verified === 0 ? null : violations[kind].length),
      target: none,
    }),
  ),
];

/** @returns the table: a row for each figure that some outcome has. */
export function rowsOf(outcomes: readonly Outcome[], figures = FIGURES): Row[] {
  const rows = figures.map(({ label, unit, of, target }) => ({
    label,
    unit,
    target: target?.text ?? "",
    values: outcomes.map((outcome): Value => {
      const value = of(outcome);
      return { value, met: value === null || target === undefined ? null : target.met(value) };
    }),
  }));
  return rows.filter(({ values }) => values.some(({ value }) => value !== null));
}

function spread(
  label: string,
  of: (outcome: Outcome) => readonly (number | null)[],
  bound?: number,
): Figure[] {
  const rank = (outcome: Outcome, share: number) =>
    percentile(
      of(outcome).filter((value) => value !== null),
      share,
    );
  return [
    { label: `${label}, p50`, unit: "ms", of: (outcome) => rank(outcome, 0.5) },
    {
      label: `${label}, p99`,
      unit: "ms",
      of: (outcome) => rank(outcome, 0.99),
      ...(bound !== undefined && { target: below(bound, "ms") }),
    },
  ];
}

function times(attempts: readonly Attempted[]): number[] {
  return attempts.filter(({ failure }) => failure === null).map(({ tookMs }) => tookMs);
}

function failed(attempts: readonly Attempted[]): Attempted[] {
  return attempts.filter(({ failure }) => failure !== null);
}

/** Each sample is of the time since the one before, or since the load began. */
function busyPercent({ uses, begunAt }: Outcome): number | null {
  const busyMs = uses.reduce(
    (sum, { at, busyShare }, index) => sum + busyShare * (at - (uses[index - 1]?.at ?? begunAt)),
    0,
  );
  const elapsedMs = (uses.at(-1)?.at ?? begunAt) - begunAt;
  return elapsedMs > 0 ? (busyMs / elapsedMs) * 100 : null;
}

/** In per cent. */
function share<Each>(all: readonly Each[], is: (each: Each) => boolean): number | null {
  return all.length === 0 ? null : (all.filter(is).length / all.length) * 100;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function most(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

function orNull(count: number): number | null {
  return count === 0 ? null : count;
}
