/** Replays of a workload, each made once: the tools of one run ask for the same ones one after another. */
import { inSlices, type Pace, type Sliced } from "../core/slices.ts";
import type { Span } from "../usage/replay/saving.ts";
import type { Workload } from "../usage/replay/workload.ts";

/** What is replayed, and how it gives way to others meanwhile. */
export interface Replayable {
  readonly workload: Workload;
  readonly span: Span;
  readonly pace: Pace;
}

/**
 * @param replay a replay that depends on nothing but the workload, the span and its questions, which
 *   are plain data.
 * @returns the same, in slices; its results are kept for as long as the workload is.
 */
export function replayed<Question extends readonly unknown[], Result>(
  replay: (workload: Workload, span: Span, ...question: Question) => Sliced<Result>,
): (replayable: Replayable, ...question: Question) => Promise<Result> {
  const kept = new WeakMap<Workload, Map<string, Result>>();
  return async ({ workload, span, pace }, ...question) => {
    const key = JSON.stringify([span.from, span.to, question]);
    const known = kept.get(workload)?.get(key);
    if (known !== undefined) return known;
    const result = await inSlices(replay(workload, span, ...question), pace);
    const results = kept.get(workload) ?? new Map<string, Result>();
    kept.set(workload, results.set(key, result));
    return result;
  };
}
