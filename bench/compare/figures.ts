/** The figures that are compared: what was measured of each contender, and what the product is held to. */
import { median, percentile } from "../report.ts";
import { NAMES, type Name } from "./contender.ts";

/** A value of each contender; null where it has none. */
export type Values = Readonly<Record<Name, number | null>>;

interface Target {
  readonly text: string;
  /** @returns whether the product keeps it; only asked where all values it reads are there. */
  readonly met: (values: Readonly<Record<Name, number>>) => boolean;
}

interface Figure {
  readonly label: string;
  readonly unit: string;
  /** The samples it is made of. */
  readonly of: string;
  readonly by: (samples: readonly number[]) => number;
  readonly target?: Target;
}

const p99 = (samples: readonly number[]) => percentile(samples, 0.99) ?? Number.NaN;
const sum = (samples: readonly number[]) => samples.reduce((total, each) => total + each, 0);
const most = (samples: readonly number[]) => Math.max(...samples);
const nearTheFloor: Target = {
  text: "≤ 1.25× floor, < peer",
  met: ({ floor, peer, apex }) => apex <= 1.25 * floor && apex < peer,
};
const belowThePeer: Target = { text: "< peer", met: ({ peer, apex }) => apex < peer };
const none: Target = { text: "0", met: ({ apex }) => apex === 0 };
const same: Target = { text: "1", met: ({ apex }) => apex === 1 };
const atMost = (bound: number): Target => ({
  text: `≤ ${bound}`,
  met: ({ apex }) => apex <= bound,
});

/** Every figure, in the order of the table. */
export const FIGURES = [
  { label: "connect, p50", unit: "ms", of: "connect", by: median },
  { label: "connect, p99", unit: "ms", of: "connect", by: p99 },
  { label: "connections that failed", unit: "", of: "connectFailed", by: most, target: none },
  { label: "first text, p50", unit: "ms", of: "firstText", by: median, target: nearTheFloor },
  { label: "first text, slowest", unit: "ms", of: "firstText", by: most },
  { label: "turn, p50", unit: "ms", of: "turn", by: median, target: nearTheFloor },
  { label: "turn, slowest", unit: "ms", of: "turn", by: most },
  { label: "worker CPU a turn", unit: "ms", of: "cpuTurn", by: median },
  { label: "turns a second, at once", unit: "/s", of: "turnsASecond", by: median },
  { label: "deltas a second, at once", unit: "/s", of: "deltasASecond", by: median },
  { label: "frames a second, at once", unit: "/s", of: "framesASecond", by: median },
  { label: "CPU a delta, nobody hears", unit: "µs", of: "cpuDelta0", by: median },
  { label: "CPU a delta, 1 socket", unit: "µs", of: "cpuDelta1", by: median },
  { label: "CPU a delta, 50 sockets", unit: "µs", of: "cpuDelta50", by: median },
  {
    label: "… of it the wire, 1 socket",
    unit: "µs",
    of: "cpuWire1",
    by: median,
    target: atMost(15),
  },
  {
    label: "… of it the wire, 50 sockets",
    unit: "µs",
    of: "cpuWire50",
    by: median,
    target: atMost(150),
  },
  { label: "rows written a turn", unit: "", of: "rows", by: median, target: atMost(10) },
  { label: "alarms set or deleted a turn", unit: "", of: "alarms", by: median },
  { label: "bytes written a turn (WAL)", unit: "B", of: "walBytes", by: median },
  { label: "wire a delta, full speed", unit: "B", of: "wireFast", by: median, target: atMost(25) },
  { label: "wire a delta, paced", unit: "B", of: "wirePaced", by: median, target: atMost(25) },
  { label: "wire a turn, all frames", unit: "B", of: "wireTurn", by: median },
  { label: "uplink, turn 1", unit: "B", of: "uplinkFirst", by: median },
  { label: "uplink, last turn", unit: "B", of: "uplinkLast", by: median },
  { label: "uplink, last turn ÷ turn 1", unit: "×", of: "uplinkGrowth", by: median, target: same },
  { label: "short turn, the last ten", unit: "ms", of: "lateTurn", by: median },
  {
    label: "memory a connection, awake",
    unit: "KiB",
    of: "memoryAwake",
    by: median,
    target: belowThePeer,
  },
  {
    label: "memory a connection, hibernated",
    unit: "KiB",
    of: "memoryAsleep",
    by: median,
    target: belowThePeer,
  },
  { label: "memory a connection, deflating", unit: "KiB", of: "memoryDeflated", by: median },
  { label: "reconnect: deltas lost", unit: "", of: "lost", by: most, target: none },
  { label: "reconnect: deltas doubled", unit: "", of: "doubled", by: most, target: none },
  { label: "reconnect: deltas sent again", unit: "", of: "again", by: median, target: none },
  { label: "reconnect: deltas to come", unit: "", of: "toCome", by: median },
  { label: "reconnect: frames", unit: "", of: "resumeFrames", by: median },
  { label: "reconnect: bytes", unit: "B", of: "resumeBytes", by: median, target: belowThePeer },
  { label: "20 sockets: first text at all", unit: "ms", of: "crowdFirst", by: median },
  {
    label: "20 sockets: turn at all",
    unit: "ms",
    of: "crowdTurn",
    by: median,
    target: belowThePeer,
  },
  { label: "20 sockets: texts not whole", unit: "", of: "crowdBroken", by: most, target: none },
  { label: "begun on a busy machine", unit: "", of: "busyBegin", by: sum },
] as const satisfies readonly Figure[];

/** What is sampled. */
export type Sampled = (typeof FIGURES)[number]["of"];

/** All samples of a run. */
export class Samples {
  readonly #samples = new Map<string, number[]>();

  note(of: Sampled, name: Name, value: number): void {
    const key = `${of} of ${name}`;
    this.#samples.set(key, [...(this.#samples.get(key) ?? []), value]);
  }

  of(of: Sampled, name: Name): readonly number[] {
    return this.#samples.get(`${of} of ${name}`) ?? [];
  }
}

/** A line of the table. */
export interface Row {
  readonly label: string;
  readonly unit: string;
  readonly values: Values;
  /** The product's value by another's; null where there is none, or nothing to divide by. */
  readonly toFloor: number | null;
  readonly toPeer: number | null;
  readonly target: string;
  /** Null where there is no target, or a value is missing. */
  readonly met: boolean | null;
  /** How many samples the fewest of the three have. */
  readonly samples: number;
}

/** @returns the table, a row for each figure. */
export function rowsOf(
  samples: Samples,
  figures: readonly (Figure & { of: Sampled })[] = FIGURES,
): Row[] {
  return figures.map(({ label, unit, of, by, target }) => {
    const value = (name: Name) => {
      const all = samples.of(of, name);
      return all.length === 0 ? null : by(all);
    };
    const values = { floor: value("floor"), peer: value("peer"), apex: value("apex") };
    const { floor, peer, apex } = values;
    const all = floor === null || peer === null || apex === null ? null : { floor, peer, apex };
    return {
      label,
      unit,
      values,
      toFloor: ratio(apex, floor),
      toPeer: ratio(apex, peer),
      target: target?.text ?? "",
      met: target === undefined || all === null ? null : target.met(all),
      samples: Math.min(...NAMES.map((name) => samples.of(of, name).length)),
    };
  });
}

function ratio(mine: number | null, theirs: number | null): number | null {
  return mine === null || theirs === null || theirs <= 0 ? null : mine / theirs;
}
