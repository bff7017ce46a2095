/** What the panel tells of a frame, read from its text once somebody looks. */
import { count, isObject, text } from "../../client/checks.ts";
import { readJson } from "../../client/incoming.ts";
import type { Arrival, Wire } from "./frame-log.ts";

/** A frame as the panel shows and copies it. */
export interface FrameRecord {
  readonly number: number;
  /** Its place in the thread's log; null where it has none. */
  readonly seq: number | null;
  readonly epoch: string | null;
  readonly type: string;
  readonly arrived_at: string;
  /**
   * From the event's own time to its arrival here, by two clocks; null where it bears no time, or was
   * told again to a new connection.
   */
  readonly latency_ms: number | null;
  /** As UTF-8. */
  readonly bytes: number;
  readonly frame: unknown;
}

const read = new WeakMap<Arrival, FrameRecord>();
const encoder = new TextEncoder();

/** @returns the frame's record: the same object for the same frame. */
export function readFrame(arrival: Arrival): FrameRecord {
  const known = read.get(arrival);
  if (known) return known;
  const frame = readJson(arrival.text);
  const { type, seq, context } = isObject(frame) ? frame : {};
  const told = isObject(context) && text(context.timestamp) ? Date.parse(context.timestamp) : NaN;
  const isRepeated = count(seq) && seq <= arrival.knownSeq;
  const record = {
    number: arrival.number,
    seq: count(seq) ? seq : null,
    epoch: arrival.epoch,
    type: text(type) ? type : "?",
    arrived_at: new Date(arrival.at).toISOString(),
    latency_ms: Number.isNaN(told) || isRepeated ? null : arrival.at - told,
    bytes: encoder.encode(arrival.text).length,
    frame,
  };
  read.set(arrival, record);
  return record;
}

/** @returns the frames whose type or text holds all words of a filter, in any case. */
export function filtered(arrivals: readonly Arrival[], filter: string): readonly FrameRecord[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return arrivals
    .filter(({ text: frame }) => {
      const lower = words.length > 0 ? frame.toLowerCase() : "";
      return words.every((word) => lower.includes(word));
    })
    .map(readFrame);
}

/** @returns everything there is to say about an open thread's connection, as a report of a fault needs it. */
export function asJson(wire: Wire, frames: readonly FrameRecord[]): string {
  const { threadId, state, closeCode, reconnects } = wire;
  return JSON.stringify(
    { thread_id: threadId, state, close_code: closeCode, reconnects, frames },
    null,
    2,
  );
}

/** @returns the latency that half of the frames stay under; null where none tells one. */
export function medianLatency(frames: readonly FrameRecord[]): number | null {
  const known = frames.flatMap(({ latency_ms }) => latency_ms ?? []).toSorted((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? null;
}
