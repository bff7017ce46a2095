/** The lever of duplicates: the same question, asked again in time, is answered from a store. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import type { Lane, Workload } from "./workload.ts";

export interface DuplicateOptions {
  /** How long an answer may be given again, milliseconds. */
  readonly ttlMs: number;
  /** Features that may answer alike whatever their temperature. */
  readonly allowedFeatures: readonly string[];
}

/** The answer that later calls would be given, and when it was asked for. */
interface Anchor {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * Replays the calls in order against a store of answers. The first call of a kind and prompt is
 * paid for and anchors its answer; those within the time to live of the anchor are not. A later
 * one is paid for again and becomes the anchor: counting gaps between calls alone would overcount.
 * A failed call leaves no answer, and nobody is answered before the anchor was.
 * @returns 1 for each call that would not have been made.
 */
export function* findRepeats(workload: Workload, options: DuplicateOptions): Sliced<Uint8Array> {
  const repeats = new Uint8Array(workload.size);
  const mayRepeat = repeatable(workload, options.allowedFeatures);
  const anchors = new Map<number, Anchor>();
  for (let call = 0; call < workload.size; call++) {
    if (call % SLICE === 0) yield;
    const prompt = workload.prompt[call] ?? -1;
    if (prompt < 0 || !mayRepeat(call)) continue;
    const key = prompt * 2 ** 20 + (workload.kind[call] ?? 0);
    const at = workload.ts[call] ?? 0;
    const anchor = anchors.get(key);
    if (anchor && at - anchor.askedAt <= options.ttlMs) {
      if (at >= anchor.answeredAt) repeats[call] = 1;
    } else if (workload.failed[call] === 0) {
      anchors.set(key, { askedAt: at, answeredAt: at + (workload.latency[call] || 0) });
    }
  }
  return repeats;
}

/** @returns whether a call may be answered from a store: it asks for no variety, or nobody minds. */
export function repeatable(
  { temperature, feature, features }: Workload,
  allowedFeatures: readonly string[],
): (call: number) => boolean {
  const allowed = features.map((name) => name !== null && allowedFeatures.includes(name));
  return (call) => temperature[call] === 0 || allowed[feature[call] ?? 0] === true;
}

/** @returns the lane without the calls that repeat others. */
export function withoutRepeats(lane: Lane, repeats: Uint8Array): Lane {
  return { ...lane, weight: lane.weight.map((weight, call) => (repeats[call] === 1 ? 0 : weight)) };
}
